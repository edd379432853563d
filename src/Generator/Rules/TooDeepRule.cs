using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0023: structs are nested too deeply.</summary>
internal static class TooDeepRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0023",
        title: "Shared structs must not be nested too deeply",
        messageFormat: "'{0}' is nested too deeply at '{1}': at most {2} structs may contain each other; flatten it",
        category: RuleCategories.Layout,
        defaultSeverity: DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "A layout is written into every region, and its depth is limited so that a reader can trust it.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0023.md");
}
