namespace ModelGate.Models.Onnx;

/// <summary>
/// What the list attributes of classical operators hold. Source: Operators-ml.md of ONNX.
/// Tables of labels and vocabularies are no parameters; nor are the means and scales of a Scaler, which are statistics.
/// </summary>
internal static class AttributeRoles
{
    /// <summary>True where an operator keeps what it has learned in list attributes.</summary>
    public static bool KeepsLists(string domain, string @operator) => domain == "ai.onnx.ml" || @operator == "TfIdfVectorizer";

    /// <summary>What an attribute of an operator is for, given whether its values are floats.</summary>
    public static Role Of(string @operator, string attribute, bool isFloat) => (@operator, attribute) switch
    {
        ("LinearClassifier" or "LinearRegressor", "coefficients") => Role.Weight,
        ("LinearClassifier" or "LinearRegressor", "intercepts") => Role.Bias,
        ("SVMClassifier" or "SVMRegressor", "support_vectors" or "coefficients") => Role.Weight,
        ("SVMClassifier" or "SVMRegressor", "rho") => Role.Bias,
        ("TreeEnsembleClassifier" or "TreeEnsembleRegressor", "nodes_values" or "nodes_values_as_tensor") => Role.Weight,
        ("TreeEnsembleClassifier", "class_weights" or "class_weights_as_tensor") => Role.Weight,
        ("TreeEnsembleRegressor", "target_weights" or "target_weights_as_tensor") => Role.Weight,
        ("TreeEnsembleClassifier" or "TreeEnsembleRegressor", "base_values" or "base_values_as_tensor") => Role.Bias,
        ("TreeEnsemble", "nodes_splits" or "leaf_weights" or "membership_values") => Role.Weight,
        ("Scaler", "offset" or "scale") or ("Imputer", "imputed_value_floats" or "imputed_value_int64s") => Role.Statistic,
        _ => isFloat ? Role.Constant : Role.Index,
    };

    /// <summary>The attribute of a tree ensemble that tells its leaves from its branches; null where a node is none, or has none.</summary>
    public static NodeAttribute? ModesOf(Node node, string @operator, NameTable names) =>
        @operator is "TreeEnsembleClassifier" or "TreeEnsembleRegressor" ? Array.Find(node.Attributes, candidate => names.Text(candidate.Name) == "nodes_modes") : null;

    /// <summary>
    /// The learned values among those an attribute stores: a leaf of a tree ensemble has a slot for a threshold, and no threshold.
    /// </summary>
    public static long LogicalElements(string attribute, long elements, NodeAttribute? modes) =>
        attribute is "nodes_values" or "nodes_values_as_tensor" && modes?.Strings == elements ? modes.Branches : elements;
}
