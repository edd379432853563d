using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0020: [Text] stands on something that is no array of bytes.</summary>
internal static class TextMarkRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0020",
        title: "[Text] is for arrays of bytes",
        messageFormat: "Field '{0}' is marked [Text] but is of type '{1}': use an [InlineArray] struct of byte, or one of Text16 to "
            + "Text256, which need no mark",
        category: RuleCategories.Layout,
        defaultSeverity: DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "Text is UTF-8 in a field of fixed size.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0020.md");

    public static void Check(IFieldSymbol field, string kind, int? length, ParseReport report)
    {
        if (kind != "uint8" || length is null)
            report.Add(Descriptor, field, $"{field.ContainingType.Name}.{field.Name}", field.Type.ToDisplayString());
    }
}
