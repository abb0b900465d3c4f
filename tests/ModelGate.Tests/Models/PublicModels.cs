using System.Text.Json;

namespace ModelGate.Tests.Models;

/// <summary>Public models with counts that were taken without ModelGate. They are not part of the repository.</summary>
internal static class PublicModels
{
    public static string Folder
    {
        get
        {
            var folder = Environment.GetEnvironmentVariable("MODELGATE_TEST_MODELS");
            if (string.IsNullOrEmpty(folder)) Assert.Inconclusive("MODELGATE_TEST_MODELS names no folder of public models, so this test has nothing to look at.");
            return folder;
        }
    }

    public static string Path(string file) => System.IO.Path.Combine(Folder, file);

    public static IReadOnlyList<JsonElement> Listed
    {
        get
        {
            using var document = JsonDocument.Parse(File.ReadAllText(Path("models.json")));
            return [.. document.RootElement.Clone().EnumerateArray()];
        }
    }
}
