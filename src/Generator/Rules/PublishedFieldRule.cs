using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0301: a struct differs from its layout file, and not only by what was appended.</summary>
internal static class PublishedFieldRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0301",
        title: "A published field must not change",
        messageFormat: "{0}. Keep published fields as they are, and append new ones behind them. If no program with the published "
            + "layout is in use any more, accept the change with 'dotnet build -t:UpdateTypedShmLayout'.",
        category: RuleCategories.Versioning,
        defaultSeverity: DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "Programs that were compiled with the published layout look for each field where it was. Fields may be appended: "
            + "then older and newer programs still understand each other.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0301.md");
}
