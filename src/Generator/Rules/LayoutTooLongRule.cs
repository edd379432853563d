using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0024: the description of the layout is too long.</summary>
internal static class LayoutTooLongRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0024",
        title: "The description of a layout must not be too long",
        messageFormat: "The layout of '{0}' takes {1} to describe, but at most {2} are allowed: use arrays instead of many fields, or "
            + "shorter names",
        category: RuleCategories.Layout,
        defaultSeverity: DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "A layout is written into every region and sent in every handshake.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0024.md");

    public static void Check(LayoutSpec layout, INamedTypeSymbol type, ParseReport report)
    {
        if (LayoutText.ExcessiveLength(layout) is int length)
            report.Add(Descriptor, type, type.Name, $"{length} bytes", $"{LayoutText.MaxJsonLength} bytes");
    }
}
