using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0022: an inline array is marked as a shared struct.</summary>
internal static class InlineArrayRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0022",
        title: "An inline array is a field's type, not a shared struct",
        messageFormat: "'{0}' is an [InlineArray], whose length no layout of a struct can state: remove [SharedLayout], and use '{0}' "
            + "as the type of a field of a [SharedLayout] struct",
        category: RuleCategories.Layout,
        defaultSeverity: DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "Fields of [InlineArray] types need no mark of their own.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0022.md");

    public static void Check(INamedTypeSymbol type, ParseReport report)
    {
        if (MetadataNames.FindAttribute(type, MetadataNames.InlineArray) is not null)
            report.Add(Descriptor, type, type.Name);
    }
}
