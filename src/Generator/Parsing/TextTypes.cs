using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>The text types of the runtime.</summary>
internal static class TextTypes
{
    public static bool IsText(ITypeSymbol type) => SizeOf(type) is not null;

    /// <returns>Bytes, or null if the type is none of them.</returns>
    public static int? SizeOf(ITypeSymbol type) => type is
    {
        TypeKind: TypeKind.Struct, ContainingType: null,
        ContainingNamespace: { Name: "TypedShm", ContainingNamespace.IsGlobalNamespace: true }
    }
        ? type.Name switch
        {
            "Text16" => 16,
            "Text32" => 32,
            "Text64" => 64,
            "Text128" => 128,
            "Text256" => 256,
            _ => null,
        }
        : null;
}
