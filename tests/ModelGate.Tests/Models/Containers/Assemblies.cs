using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace ModelGate.Tests.Models.Containers;

/// <summary>Assemblies that hold nothing but manifest resources.</summary>
internal static class Assemblies
{
    public static byte[] With(params (string Name, byte[] Content)[] embedded) => With(names: 0, embedded);

    /// <summary>An assembly that names its first resource once more, so many times.</summary>
    public static byte[] With(int names, params (string Name, byte[] Content)[] embedded)
    {
        var (metadata, resources) = (new MetadataBuilder(), new BlobBuilder());
        metadata.AddModule(0, metadata.GetOrAddString("Models.dll"), metadata.GetOrAddGuid(new Guid("6f1d2b0e-4a55-4b0c-9d3c-0a9f4f6b7c11")), default, default);
        metadata.AddAssembly(metadata.GetOrAddString("Models"), new Version(1, 0, 0, 0), default, default, default, AssemblyHashAlgorithm.None);
        metadata.AddTypeDefinition(default, default, metadata.GetOrAddString("<Module>"), default, MetadataTokens.FieldDefinitionHandle(1), MetadataTokens.MethodDefinitionHandle(1));
        foreach (var (name, content) in embedded)
        {
            metadata.AddManifestResource(ManifestResourceAttributes.Public, metadata.GetOrAddString(name), default, (uint)resources.Count);
            resources.WriteInt32(content.Length);
            resources.WriteBytes(content);
            resources.Align(8);
        }
        for (var name = 0; name < names; name++) metadata.AddManifestResource(ManifestResourceAttributes.Public, metadata.GetOrAddString($"again{name}.onnx"), default, 0);
        var file = new BlobBuilder();
        new ManagedPEBuilder(PEHeaderBuilder.CreateLibraryHeader(), new MetadataRootBuilder(metadata), new BlobBuilder(), managedResources: resources).Serialize(file);
        return file.ToArray();
    }
}
