using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>
/// Turns the symbol of a <c>[SharedLayout]</c> struct into a <see cref="LayoutSpec"/>, or says what is wrong with it. The only
/// place that decides what is valid: generator and analyzer both call it.
/// </summary>
internal static class StructParser
{
    /// <param name="type">The struct.</param>
    /// <param name="problems">Takes the messages; null if nobody reads them.</param>
    /// <param name="cancellationToken">The editor has moved on.</param>
    /// <returns>The layout, or null if the struct is invalid.</returns>
    public static LayoutSpec? Parse(INamedTypeSymbol type, List<Diagnostic>? problems, CancellationToken cancellationToken)
    {
        ParseReport report = new(problems);
        DeclarationRules.Check(type, report, cancellationToken);
        if (report.HasFailed && !report.IsWanted)
            return null;

        ParsedStruct? parsed = new FieldParser(report, cancellationToken).Parse(type);
        if (parsed is null || report.HasFailed)
            return null;

        LayoutSpec layout = new(
            type.ContainingNamespace.IsGlobalNamespace ? null : TypeNames.Of(type.ContainingNamespace),
            new EquatableArray<string>([.. Containers(type)]),
            TypeNames.KeywordOf(type),
            type.Name,
            TypeNames.Of(type),
            MetadataNames.Of(type),
            IsPublic(type),
            parsed.HasVolatileFields,
            parsed.Size,
            parsed.Alignment,
            parsed.Fields)
        {
            Obsolete = ObsoleteMark.Of(type),
        };
        LayoutTooLongRule.Check(layout, type, report);
        return report.HasFailed ? null : layout;
    }

    private static List<string> Containers(INamedTypeSymbol type)
    {
        List<string> containers = [];
        for (INamedTypeSymbol? outer = type.ContainingType; outer is not null; outer = outer.ContainingType)
            containers.Insert(0, $"partial {TypeNames.KeywordOf(outer)} {Identifiers.Escape(outer.Name)}");
        return containers;
    }

    private static bool IsPublic(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? outer = type; outer is not null; outer = outer.ContainingType)
        {
            if (outer.DeclaredAccessibility != Accessibility.Public)
                return false;
        }

        return true;
    }
}

/// <summary>The fields of a struct, laid out.</summary>
internal sealed record ParsedStruct(EquatableArray<FieldSpec> Fields, int Size, int Alignment, bool HasVolatileFields);
