using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0303: the layout file has a struct that the project has not.</summary>
internal static class PublishedStructRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0303",
        title: "A published struct must not disappear",
        messageFormat: "'{0}' is published in '{1}', but this project has no such shared struct any more. Put it back, or give it its "
            + "published name. If no program with the published layout is in use any more, or only the name has changed, accept that "
            + "with 'dotnet build -t:UpdateTypedShmLayout'.",
        category: RuleCategories.Versioning,
        defaultSeverity: DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "The layout file compares structs by their names; one that it no longer finds could change without notice.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0303.md",
        customTags: WellKnownDiagnosticTags.CompilationEnd);
}
