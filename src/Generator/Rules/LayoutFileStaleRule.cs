using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0304: a struct has grown, or is new, and the layout file does not say so yet.</summary>
internal static class LayoutFileStaleRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0304",
        title: "The layout file must be up to date",
        messageFormat: "'{0}' does not record {1} yet: record it with 'dotnet build -t:UpdateTypedShmLayout'",
        category: RuleCategories.Versioning,
        defaultSeverity: DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "What is not recorded is not protected: the next change of it would pass without notice.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0304.md");
}
