using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0015: the struct is larger than a struct can be.</summary>
internal static class TooLargeRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0015",
        title: "A shared struct must be smaller than 2 GiB",
        messageFormat: "'{0}' has {1} bytes; a struct can have at most 2,147,483,647: share several, or a table of smaller ones",
        category: RuleCategories.Layout,
        defaultSeverity: DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "The runtime cannot load a larger struct.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0015.md");
}
