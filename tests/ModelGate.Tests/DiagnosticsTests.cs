namespace ModelGate.Tests;

[TestClass]
public class DiagnosticsTests
{
    [TestMethod]
    public void Every_kind_is_listed_once_in_order_of_its_code()
    {
        var declared = typeof(Diagnostics).GetFields().Select(field => ((DiagnosticKind)field.GetValue(null)!).Code).Order(StringComparer.Ordinal).ToArray();

        CollectionAssert.AreEqual(declared, Diagnostics.All.Select(kind => kind.Code).ToArray());
        Assert.HasCount(declared.Length, declared.Distinct().ToArray());
    }

    [TestMethod]
    public void A_code_is_found_whatever_its_case() => Assert.AreSame(Diagnostics.BudgetBreached, Diagnostics.Find("mg1001"));
}
