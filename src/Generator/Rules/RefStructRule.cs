using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0019: the struct can only live on the stack.</summary>
internal static class RefStructRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0019",
        title: "A shared struct must not be a ref struct",
        messageFormat: "'{0}' is a ref struct, which only the stack can hold: remove 'ref'",
        category: RuleCategories.Layout,
        defaultSeverity: DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "Shared memory is no stack.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0019.md");

    public static void Check(INamedTypeSymbol type, ParseReport report)
    {
        if (type.IsRefLikeType)
            report.Add(Descriptor, type, type.Name);
    }
}
