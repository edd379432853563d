using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0104: a field is volatile, which a reference to it is not.</summary>
internal static class VolatileRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0104",
        title: "The views do not honour 'volatile'",
        messageFormat: "'volatile' on '{0}' is lost through the views, which refer to the field as to any other: replace it by [Atomic]",
        category: RuleCategories.Concurrency,
        defaultSeverity: DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "A reference to a volatile field is a plain one. The views of an [Atomic] field read with acquire and write with "
            + "release.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0104.md");

    public static void Check(IFieldSymbol field, ParseReport report)
    {
        if (field.IsVolatile)
            report.Add(Descriptor, field, $"{field.ContainingType.Name}.{field.Name}");
    }
}
