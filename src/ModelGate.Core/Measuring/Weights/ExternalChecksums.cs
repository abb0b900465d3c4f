using System.Security.Cryptography;
using ModelGate.Models;

namespace ModelGate.Measuring;

/// <summary>Holds files of external data against the checksums that their model gives them (external data of ONNX: SHA-1 of the file).</summary>
internal static class ExternalChecksums
{
    /// <summary>Reads every file that has a checksum.</summary>
    /// <exception cref="ModelException">One does not match, cannot be read, or changed while it was.</exception>
    public static void Check(ModelFile model)
    {
        foreach (var external in model.ExternalFiles)
        {
            if (external.Checksum is not { } expected || external.Length == 0) continue;
            using var file = OpenedFile.Open(external.Path);
#pragma warning disable CA5350 // The format fixes the algorithm; it guards against mistakes, not against forgery.
            var found = Convert.ToHexStringLower(SHA1.HashData(file.Stream));
#pragma warning restore CA5350
            file.CheckUnchanged();
            if (!found.Equals(expected.Trim(), StringComparison.OrdinalIgnoreCase))
                throw new ModelException(Diagnostics.ExternalDataChecksum, $"the SHA-1 of {Quoted.Name(Path.GetFileName(external.Path))} is {found}, and the model says {Quoted.Name(expected)}");
        }
    }
}
