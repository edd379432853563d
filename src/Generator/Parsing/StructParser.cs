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
        if (!Declarations.AreWhole(type))
            return null;
        DeclarationRules.Check(type, report, cancellationToken);
        if (report.HasFailed && !report.CollectsDiagnostics)
            return null;

        FieldParser fields = new(report, cancellationToken);
        ParsedStruct? parsed = fields.Parse(type);
        if (parsed is null || report.HasFailed)
            return null;

        (EquatableArray<string> attributes, EquatableArray<string> disabled) = Declarations.CarriedBy(type, fields.DisabledIds);
        LayoutSpec layout = new(
            type.ContainingNamespace.IsGlobalNamespace ? null : TypeNames.Of(type.ContainingNamespace),
            new EquatableArray<string>([.. Declarations.ContainersOf(type)]),
            TypeNames.KeywordOf(type),
            type.Name,
            TypeNames.Of(type),
            MetadataNames.Of(type),
            Declarations.IsPublic(type),
            parsed.HasVolatileFields,
            parsed.Size,
            parsed.Alignment,
            parsed.Fields)
        {
            Attributes = attributes,
            DisabledIds = disabled,
            ExternAliases = fields.ExternAliases,
            Members = MemberChoice.Of(type, parsed, fields.HasJsonAttributes),
        };
        LayoutTooLongRule.Check(layout, type, report);
        return report.HasFailed ? null : layout;
    }
}
