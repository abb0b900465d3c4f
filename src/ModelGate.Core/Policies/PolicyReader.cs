using NuGet.Versioning;

namespace ModelGate.Policies;

/// <summary>
/// Reads a policy: YAML text in, a <see cref="Policy"/> or every error in it out. The text is not trusted: it is strict UTF-8 of at
/// most 256 KiB and 32 levels, without anchors, aliases, merge keys, tags or further documents, and all scalars are read as text
/// by this project's own rules. Reading downloads nothing and runs nothing.
/// </summary>
public static class PolicyReader
{
    /// <summary>Reads a policy from disk.</summary>
    /// <param name="path">Path of the file; diagnostics name it as it is given.</param>
    /// <param name="toolVersion">Version of ModelGate that the policy's <c>requires:</c> is compared with, such as <c>1.2.0</c>.</param>
    public static PolicyReading Read(string path, string toolVersion)
    {
        var (bytes, error) = PolicyFile.Read(path);
        return error is null ? Parse(bytes, path, toolVersion) : new(null, [error]);
    }

    /// <summary>Reads a policy from memory.</summary>
    /// <param name="utf8">The file's bytes.</param>
    /// <param name="path">Path that diagnostics name.</param>
    /// <param name="toolVersion">Version of ModelGate that the policy's <c>requires:</c> is compared with, such as <c>1.2.0</c>.</param>
    public static PolicyReading Parse(ReadOnlySpan<byte> utf8, string path, string toolVersion)
    {
        if (utf8.Length > PolicyFile.MaxLength)
            return new(null, [PolicyFile.TooLong(path, utf8.Length).Error!]);

        var errors = new PolicyErrors(path);
        var text = PolicyText.Decode(utf8, errors);
        PolicyText.Inspect(text, errors);
        // Text that reads differently from what it shows is not worth interpreting.
        if (errors.Any || PolicyYaml.Read(text, errors) is not { } root)
            return new(null, errors.InOrder());

        if (IsForThisVersion(root, toolVersion, errors))
        {
            new PolicyValidator(errors).Check(root, PolicyGrammar.Root, "");
            if (root is PolicyNode.Mapping mapping)
                new PolicyNames(errors).Check(mapping);
        }

        return errors.Any ? new(null, errors.InOrder()) : new(new PolicyBuilder(path).Build((PolicyNode.Mapping)root), []);
    }

    /// <summary>False, with the only error worth telling, where the policy was written for another version and may mean something else here.</summary>
    private static bool IsForThisVersion(PolicyNode root, string toolVersion, PolicyErrors errors)
    {
        if (root is not PolicyNode.Mapping mapping)
            return true;
        if (mapping.Find("version") is PolicyNode.Scalar { IsNull: false } version && version.Text != "1")
        {
            errors.Add(Diagnostics.VersionMismatch, version, $"version: this ModelGate ({toolVersion}) reads version `1` of the policy language, not `{version.Text}`; write `version: 1` or install the ModelGate that reads it.");
            return false;
        }

        return mapping.Find("requires") is not PolicyNode.Scalar requires || Fits(requires, toolVersion, errors);
    }

    /// <summary>False, with an error, where the policy requires other versions. Apart, because its locals load NuGet's versioning.</summary>
    private static bool Fits(PolicyNode.Scalar requires, string toolVersion, PolicyErrors errors)
    {
        // A release candidate serves what its release will serve.
        if (!VersionRange.TryParse(requires.Text, out var range) || !NuGetVersion.TryParse(toolVersion, out var tool) || range.Satisfies(new NuGetVersion(tool.Version)))
            return true;
        errors.Add(Diagnostics.VersionMismatch, requires, $"requires: the policy asks for ModelGate {range.PrettyPrint()}, and this is {toolVersion}; install one that fits: `dotnet tool update -g ModelGate --version \"{requires.Text}\"`.");
        return false;
    }
}
