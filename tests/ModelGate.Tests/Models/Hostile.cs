using ModelGate.Models;

namespace ModelGate.Tests.Models;

/// <summary>Damages models: what comes of it must be a result or a typed error, never anything else.</summary>
internal static class Hostile
{
    public static (ModelFile? Model, ModelException? Error) Outcome(byte[] bytes, string path)
    {
        try
        {
            return (Read(bytes, path), null);
        }
        catch (ModelException exception)
        {
            return (null, exception);
        }
    }

    public static ModelFile Read(byte[] bytes, string path)
    {
        using var stream = new MemoryStream(bytes);
        return ModelReader.Read(stream, path);
    }

    public static void AssertRefused(byte[] bytes, string path, DiagnosticKind kind, string reason)
    {
        var error = Outcome(bytes, path).Error;

        Assert.IsNotNull(error, $"taken for a whole model where '{reason}' was expected");
        Assert.AreEqual(kind, error.Kind, error.Message);
        Assert.Contains(reason, error.Message);
    }

    /// <summary>Cuts a model at every byte.</summary>
    /// <param name="whole">The model.</param>
    /// <param name="path">The path it stands for.</param>
    /// <param name="needed">How much of it says something; what follows is padding.</param>
    public static void AssertRefusedWhenCut(byte[] whole, string path, int? needed = null)
    {
        Assert.IsNotNull(Outcome(whole, path).Model, "the whole model is refused");
        for (var length = 0; length < (needed ?? whole.Length); length++)
            Assert.IsNotNull(Outcome(whole[..length], path).Error, $"a prefix of {length} bytes was taken for a whole model");
    }
}
