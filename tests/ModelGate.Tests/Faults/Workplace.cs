using System.Text;
using ModelGate.TestModels;

namespace ModelGate.Tests.Faults;

/// <summary>A folder with models and a policy in which something is wrong.</summary>
internal sealed class Workplace : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public static byte[] GoodModel { get; } = SmallModels.Dense().ToArray();

    public string Path => folder.Path;

    public string File(string name) => folder.File(name);

    public string Write(string name, byte[] content) => folder.Write(name, content);

    /// <summary>Writes a policy that judges each path by its size on disk, with all the room in the world.</summary>
    public void JudgeSize(params string[] paths) => Judge("size.on_disk: 1000 TB", paths);

    /// <summary>Writes a policy with one budget for each path.</summary>
    public void Judge(string budget, params string[] paths) => Policy(
        string.Concat(["version: 1\nmodels:\n", .. paths.Select(path => $"  - path: \"{path}\"\n    budgets:\n      {budget}\n")]));

    public void Policy(string text) => folder.Write("modelgate.yml", Encoding.UTF8.GetBytes(text));

    public ToolProcess.Finished Check(params string[] arguments) => ToolProcess.Run(Path, ["check", .. arguments]);

    /// <summary>Runs the tool with the caps of a group of small files.</summary>
    public ToolProcess.Finished Caged(params string[] arguments) => ToolProcess.Caged(Cage.Small, Path, arguments);

    public void Dispose() => folder.Dispose();
}
