using System.Buffers.Binary;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace TypedShm.Tool.Layouts;

/// <summary>
/// The layouts of the shared structs that an assembly declares. Reads its metadata and constants, and runs none of its code: generated code
/// returns each layout from a property, as text that stands in the file.
/// </summary>
internal static class AssemblyLayouts
{
    private const string Mark = "SharedLayoutInfoAttribute";
    private const string Getter = "get_LayoutJson";
    private const byte LoadFieldAddress = 0x7F;
    private const int TokenSize = sizeof(int);

    /// <exception cref="ToolException">The file is no assembly, or has no shared struct.</exception>
    public static IReadOnlyList<(string Type, LayoutDescriptor Layout)> Read(string path)
    {
        using FileStream file = File.OpenRead(path);
        using PEReader image = new(file);
        try
        {
            if (!image.HasMetadata)
                throw new ToolException(
                    ExitCode.Failed, $"'{path}' has no metadata of .NET: it is no assembly, or was compiled ahead of time.");
            MetadataReader reader = image.GetMetadataReader();
            List<(string, LayoutDescriptor)> found = [];
            foreach (TypeDefinitionHandle handle in reader.TypeDefinitions)
            {
                TypeDefinition type = reader.GetTypeDefinition(handle);
                if (type.GetCustomAttributes().Any(attribute => NameOf(reader, attribute) == Mark)
                    && LayoutOf(image, reader, type) is { } layout)
                    found.Add((FullName(reader, type), layout));
            }

            return found.Count > 0
                ? found
                : throw new ToolException(ExitCode.NotFound, $"'{path}' declares no struct with [SharedLayout].");
        }
        catch (BadImageFormatException error)
        {
            throw new ToolException(ExitCode.Failed, $"'{path}' is no assembly: {error.Message}");
        }
    }

    private static LayoutDescriptor? LayoutOf(PEReader image, MetadataReader reader, TypeDefinition type)
    {
        foreach (MethodDefinitionHandle handle in type.GetMethods())
        {
            MethodDefinition method = reader.GetMethodDefinition(handle);

            // An explicit implementation: its name is that of the interface, too.
            if (!reader.GetString(method.Name).EndsWith(Getter, StringComparison.Ordinal) || method.RelativeVirtualAddress == 0)
                continue;
            byte[] code = image.GetMethodBody(method.RelativeVirtualAddress).GetILBytes() ?? [];
            for (int at = 0; at + TokenSize < code.Length; at++)
            {
                if (code[at] == LoadFieldAddress
                    && ConstantOf(image, reader, BinaryPrimitives.ReadInt32LittleEndian(code.AsSpan(at + 1))) is { } constant)
                    return Parse(constant);
            }
        }

        return null;
    }

    // What looks like the instruction may be part of another one: then its operand is no field with a constant.
    private static byte[]? ConstantOf(PEReader image, MetadataReader reader, int token)
    {
        EntityHandle handle = MetadataTokens.EntityHandle(token);
        if (handle.Kind != HandleKind.FieldDefinition || MetadataTokens.GetRowNumber(handle) > reader.FieldDefinitions.Count)
            return null;
        FieldDefinition field = reader.GetFieldDefinition((FieldDefinitionHandle)handle);
        int address = field.GetRelativeVirtualAddress();
        if (address == 0)
            return null;
        PEMemoryBlock data = image.GetSectionData(address);
        ReadOnlySpan<byte> rest = data.GetContent().AsSpan();

        // A literal is followed by a NUL, which is none of its bytes.
        int length = rest.IndexOf((byte)0);
        return length > 0 ? rest[..length].ToArray() : null;
    }

    private static LayoutDescriptor Parse(byte[] constant)
    {
        try
        {
            return LayoutDescriptor.Parse(constant[0] == '{' ? constant : LayoutLiteral.ToJson(constant));
        }
        catch (ArgumentException error)
        {
            throw new FormatException(
                $"A layout in the assembly cannot be read; it was built with another version of TypedShm. {error.Message}", error);
        }
    }

    private static string? NameOf(MetadataReader reader, CustomAttributeHandle handle)
    {
        EntityHandle constructor = reader.GetCustomAttribute(handle).Constructor;
        if (constructor.Kind != HandleKind.MemberReference)
            return null;
        EntityHandle parent = reader.GetMemberReference((MemberReferenceHandle)constructor).Parent;
        return parent.Kind == HandleKind.TypeReference ? reader.GetString(reader.GetTypeReference((TypeReferenceHandle)parent).Name) : null;
    }

    private static string FullName(MetadataReader reader, TypeDefinition type)
    {
        string name = reader.GetString(type.Name);
        if (!type.GetDeclaringType().IsNil)
            return $"{FullName(reader, reader.GetTypeDefinition(type.GetDeclaringType()))}.{name}";
        return type.Namespace.IsNil ? name : $"{reader.GetString(type.Namespace)}.{name}";
    }
}
