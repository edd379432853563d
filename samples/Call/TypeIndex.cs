using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using System.Text;

namespace Types;

/// <summary>What is known of a type.</summary>
/// <param name="Assembly">Where it is.</param>
/// <param name="Methods">How many names its public methods have.</param>
/// <param name="List">These names, a line each, in UTF-8.</param>
internal sealed record TypeEntry(string Assembly, int Methods, byte[] List)
{
    public static TypeEntry Of(string assembly, IEnumerable<string> methods)
    {
        string[] names = [.. methods.Distinct().Order(StringComparer.Ordinal)];
        return new TypeEntry(assembly, names.Length, Encoding.UTF8.GetBytes(string.Join('\n', names)));
    }
}

/// <summary>
/// All public types of .NET, read from the metadata of its assemblies. It takes a while to make, so one process makes it for all.
/// </summary>
internal sealed class TypeIndex
{
    private readonly Dictionary<string, TypeEntry> _types = [];

    public TypeIndex()
    {
        foreach (string path in Directory.GetFiles(RuntimeEnvironment.GetRuntimeDirectory(), "*.dll"))
        {
            using PEReader file = new(File.OpenRead(path));
            if (!file.HasMetadata)
                continue;
            MetadataReader metadata = file.GetMetadataReader();
            foreach (TypeDefinition type in metadata.TypeDefinitions.Select(metadata.GetTypeDefinition))
            {
                if ((type.Attributes & TypeAttributes.VisibilityMask) == TypeAttributes.Public)
                    _types.TryAdd($"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}",
                        TypeEntry.Of(Path.GetFileNameWithoutExtension(path), Methods(metadata, type)));
            }
        }

        LongestList = _types.Values.Max(type => type.List.Length);
    }

    public int Count => _types.Count;

    public int LongestList { get; }

    public IEnumerable<string> Names => _types.Keys;

    public TypeEntry? Find(string name) => _types.GetValueOrDefault(name);

    private static IEnumerable<string> Methods(MetadataReader metadata, TypeDefinition type) => type.GetMethods()
        .Select(metadata.GetMethodDefinition)
        .Where(method => (method.Attributes & MethodAttributes.MemberAccessMask) == MethodAttributes.Public)
        .Select(method => metadata.GetString(method.Name))
        .Where(name => name is not (".ctor" or ".cctor"));
}
