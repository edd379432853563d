using System.Runtime.InteropServices;
using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>What <c>[StructLayout]</c> and <c>[FieldOffset]</c> say, which the compiler shows for types in source only.</summary>
internal readonly record struct DeclaredLayout(LayoutKind Kind, int Pack, int Size)
{
    public bool IsExplicit => Kind == LayoutKind.Explicit;

    public static DeclaredLayout Of(INamedTypeSymbol type)
    {
        if (MetadataNames.FindAttribute(type, MetadataNames.StructLayout) is not { } attribute)
            return new DeclaredLayout(LayoutKind.Sequential, 0, 0);

        int pack = 0;
        int size = 0;
        foreach (KeyValuePair<string, TypedConstant> argument in attribute.NamedArguments)
        {
            if (argument is { Key: "Pack", Value.Value: int givenPack })
                pack = givenPack;
            else if (argument is { Key: "Size", Value.Value: int givenSize })
                size = givenSize;
        }

        // The attribute has a constructor that takes the enum and one that takes a short.
        object? kind = attribute.ConstructorArguments is [{ Value: { } value }] ? value : null;
        return new DeclaredLayout(
            (LayoutKind)Convert.ToInt32(kind ?? LayoutKind.Sequential, System.Globalization.CultureInfo.InvariantCulture), pack, size);
    }

    /// <summary>The offset that the user gave; a missing one is an error of the compiler's.</summary>
    public static int OffsetOf(IFieldSymbol field) =>
        MetadataNames.FindAttribute(field, MetadataNames.FieldOffset) is { ConstructorArguments: [{ Value: int offset }] } ? offset : 0;
}
