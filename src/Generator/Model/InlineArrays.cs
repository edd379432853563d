using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>Structs that the runtime repeats their only field in.</summary>
internal static class InlineArrays
{
    /// <returns>
    /// Type and number of the elements, the layout that the struct declares, and its only field; null if the type is no inline array.
    /// </returns>
    public static (ITypeSymbol Element, int Length, DeclaredLayout Declared, IFieldSymbol Field)? Find(ITypeSymbol type)
    {
        if (type is not INamedTypeSymbol { TypeKind: TypeKind.Struct, SpecialType: SpecialType.None } named
            || MetadataNames.FindAttribute(
                named, MetadataNames.InlineArray) is not { ConstructorArguments: [{ Value: int length and > 0 }] })
        {
            return null;
        }

        IFieldSymbol? only = named.GetMembers().OfType<IFieldSymbol>().FirstOrDefault(static field => !field.IsStatic);
        return only is null ? null : (only.Type, length, DeclaredLayout.Of(named), only);
    }
}
