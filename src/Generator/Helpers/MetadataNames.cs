using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

internal static class MetadataNames
{
    public const string SharedLayout = "TypedShm.SharedLayoutAttribute";
    public const string SharedLayoutInfo = "TypedShm.SharedLayoutInfoAttribute";
    public const string Atomic = "TypedShm.AtomicAttribute";
    public const string Text = "TypedShm.TextAttribute";
    public const string Obsolete = "System.ObsoleteAttribute";
    public const string InlineArray = "System.Runtime.CompilerServices.InlineArrayAttribute";
    public const string StructLayout = "System.Runtime.InteropServices.StructLayoutAttribute";
    public const string FieldOffset = "System.Runtime.InteropServices.FieldOffsetAttribute";

    /// <summary>The full metadata name: <c>Acme.Outer+Quote`1</c>.</summary>
    public static string Of(ITypeSymbol type)
    {
        ISymbol definition = type.OriginalDefinition;
        return definition.ContainingType is { } outer ? $"{Of(outer)}+{definition.MetadataName}"
            : definition.ContainingNamespace is { IsGlobalNamespace: false } space ? $"{Of(space)}.{definition.MetadataName}"
            : definition.MetadataName;
    }

    private static string Of(INamespaceSymbol space) =>
        space.ContainingNamespace is { IsGlobalNamespace: false } outer ? $"{Of(outer)}.{space.Name}" : space.Name;

    public static AttributeData? FindAttribute(ISymbol symbol, string attribute)
    {
        foreach (AttributeData data in symbol.GetAttributes())
        {
            if (data.AttributeClass is { } type && type.Name.Length > 0 && attribute.EndsWith(type.Name, StringComparison.Ordinal) && Of(type) == attribute)
                return data;
        }

        return null;
    }
}
