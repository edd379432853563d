using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0005: a field is a pointer.</summary>
internal static class PointerRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0005",
        title: "A shared struct must not contain pointers",
        messageFormat: "Field '{0}' of type '{1}' is a pointer; its value has no meaning in the other process: store an offset or an "
            + "index in a 'long'",
        category: RuleCategories.Layout,
        defaultSeverity: DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "Every process maps the region at another address.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0005.md");
}
