using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0305: the layout file is malformed.</summary>
internal static class LayoutFileUnreadableRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0305",
        title: "The layout file must be readable",
        messageFormat: "'{0}' cannot be read ({1}). Restore it from version control, or resolve its merge conflict. As the last resort "
            + "write it anew with 'dotnet build -t:UpdateTypedShmLayout'.",
        category: RuleCategories.Versioning,
        defaultSeverity: DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "Without the layout file nobody can tell whether a published layout has changed.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0305.md",
        customTags: WellKnownDiagnosticTags.CompilationEnd);
}
