using ModelGate.Measuring;

namespace ModelGate.Tests.Measuring.Profiling;

[TestClass]
public sealed class ProfileReaderTests
{
    private const string Start = """{"cat" : "Session","pid" :1,"tid" :1,"dur" :24585,"ts" :7,"ph" : "X","name" :"session_initialization","args" : {}},""";
    private const string EndOfRun = """{"cat" : "Session","pid" :1,"tid" :1,"dur" :900,"ts" :100,"ph" : "X","name" :"model_run","args" : {}},""";

    [TestMethod]
    public void Reader_tells_each_node_with_shapes_times_and_memory()
    {
        var (run, node) = Read("[", Start, Event("conv", "Conv"), EndOfRun, "]").Single();
        Assert.AreEqual(0, run);
        Assert.AreEqual(("conv", 2, "Conv", "CPUExecutionProvider"), (node.Name, node.Index, node.Operator, node.Provider));
        Assert.AreEqual("float 1,3,8,8; int64 ", string.Join("; ", node.Inputs.Select(input => $"{input.Type} {string.Join(',', input.Dims)}")));
        CollectionAssert.AreEqual(new long[] { 1, 4, 6, 6 }, node.Outputs[0].Dims.ToArray());
        Assert.AreEqual(0.000118, node.Duration, 1e-12);
        Assert.AreEqual(0.124307, node.Start, 1e-12);
        Assert.AreEqual(new ProfiledMemory(4480, 4096, 4384, 4000, 5000), node.Memory);
    }

    [TestMethod]
    public void Runs_are_numbered_from_zero() =>
        CollectionAssert.AreEqual(new[] { 0, 1, 1 }, Read(Event("a", "Add"), EndOfRun, Event("a", "Add"), Event("b", "Add"), EndOfRun).Select(one => one.Run).ToArray());

    [TestMethod]
    public void Names_that_are_no_JSON_are_read_as_they_stand() =>
        Assert.AreEqual("a\"b\\_kernel_time\"", Read(Event("a\"b\\_kernel_time\"", "Add")).Single().Node.Name);

    [TestMethod]
    public void Older_runtimes_tell_no_memory() =>
        Assert.IsNull(Read(Event("a", "Add").Replace("mem_", "memory_", StringComparison.Ordinal)).Single().Node.Memory);

    [TestMethod]
    [DataRow("{\"cat\" : \"Node\",\"dur\" :1,\"ts\" :1,\"name\" :\"a_kernel_time\",\"args\" : {\"node_index\" : }},")]
    [DataRow("{\"cat\" : \"Node\",\"dur\" :x,\"ts\" :1,\"name\" :\"a_kernel_time\",\"args\" : {\"node_index\" : \"1\"}},")]
    [DataRow("{\"cat\" : \"Node\",\"dur\" :1,\"ts\" :1,\"name\" :\"a_kernel_time\",\"args\" : {\"input_type_shape\" : [{\"float\":[1.5]}]}},")]
    [DataRow("{\"cat\" : \"Node\",\"dur\" :1,\"ts\" :1,\"name\" :\"a_kernel_time\",\"args\" : {\"input_type_shape\" : 3}},")]
    [DataRow("{\"cat\" : \"Node\",\"dur\" :1,\"ts\" :1,\"name\" :\"a_kernel_time\",\"args\" : {")]
    public void A_damaged_event_is_refused(string line) => Assert.Throws<InvalidDataException>(() => Read(line).ToList());

    [TestMethod]
    [DataRow("")]
    [DataRow("[")]
    [DataRow("[\nSTART\nNODE\n")]
    [DataRow("[\nSTART\nNODE\n{\"cat\" : \"Node\",\"dur\" :1,")]
    public void A_profile_that_was_cut_by_a_full_disk_is_refused(string profile)
    {
        string cut = profile.Replace("START", Start, StringComparison.Ordinal).Replace("NODE", Event("a", "Add"), StringComparison.Ordinal);

        Assert.Contains("it ends before its last event", Assert.Throws<InvalidDataException>(() => ProfileReader.Read(new StringReader(cut)).Count()).Message);
    }

    [TestMethod]
    public void A_profile_that_ends_where_the_runtime_stops_writing_is_refused()
    {
        var error = Assert.Throws<InvalidDataException>(() => ProfileReader.Read(new Repeating(Start + "\n", ProfileReader.MostEvents)).Count());
        Assert.Contains("1000000 events", error.Message);
    }

    private static IEnumerable<(int Run, ProfiledNode Node)> Read(params string[] lines) => ProfileReader.Read(new StringReader(string.Join('\n', [.. lines, "]"])));

    private static string Event(string name, string @operator) =>
        """{"cat" : "Node","pid" :1,"tid" :1,"dur" :118,"ts" :124307,"ph" : "X","name" :"NAME_kernel_time","args" : {"provider" : "CPUExecutionProvider","mem_bytes_in_use" : "4480","output_type_shape" : [{"float":[1,4,6,6]}],"mem_in_use_peak" : "5000","op_name" : "OPERATOR","mem_bytes_requested_in_use" : "4384","mem_requested_in_use_delta" : "4000","mem_in_use_delta" : "4096","input_type_shape" : [{"float":[1,3,8,8]},{"int64":[]}],"node_index" : "2"}},"""
            .Replace("NAME", name, StringComparison.Ordinal).Replace("OPERATOR", @operator, StringComparison.Ordinal);

    // A million lines without the memory for them.
    private sealed class Repeating(string text, int times) : TextReader
    {
        private long at;

        public override int Read(char[] buffer, int index, int count)
        {
            int read = (int)Math.Min(count, ((long)text.Length * times) - at);
            for (int i = 0; i < read; i++)
                buffer[index + i] = text[(int)((at + i) % text.Length)];
            at += read;
            return read;
        }
    }
}
