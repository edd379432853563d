using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

internal static class MetadataNames
{
    public const string SharedLayout = "TypedShm.SharedLayoutAttribute";
    public const string SharedLayoutInfo = "TypedShm.SharedLayoutInfoAttribute";
    public const string Atomic = "TypedShm.AtomicAttribute";
    public const string Text = "TypedShm.TextAttribute";
    public const string Obsolete = "System.ObsoleteAttribute";
    public const string Experimental = "System.Diagnostics.CodeAnalysis.ExperimentalAttribute";
    public const string JsonConverter = "System.Text.Json.Serialization.JsonConverterAttribute";
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

    /// <summary>
    /// Whether a type, which is not nested, has this full metadata name. It is compared from its end, so that hardly any other is read
    /// further than its own part.
    /// </summary>
    public static bool Is(INamedTypeSymbol type, string name)
    {
        int end = name.Length;
        for (ISymbol part = type; ; end--, part = part.ContainingNamespace)
        {
            string own = part.MetadataName;
            end -= own.Length;
            if (end < 0 || string.CompareOrdinal(name, end, own, 0, own.Length) != 0)
                return false;
            if (part.ContainingNamespace is not { IsGlobalNamespace: false })
                return end == 0 && type.ContainingType is null;
            if (end == 0 || name[end - 1] != '.')
                return false;
        }
    }

    public static AttributeData? FindAttribute(ISymbol symbol, string attribute)
    {
        foreach (AttributeData data in symbol.GetAttributes())
        {
            if (data.AttributeClass is { } type && Is(type, attribute))
                return data;
        }

        return null;
    }

    private static string Of(INamespaceSymbol space) =>
        space.ContainingNamespace is { IsGlobalNamespace: false } outer ? $"{Of(outer)}.{space.Name}" : space.Name;
}
