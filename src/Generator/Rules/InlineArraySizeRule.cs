using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0025: an inline array states its size.</summary>
internal static class InlineArraySizeRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0025",
        title: "An inline array must not state its size",
        messageFormat: "Field '{0}' has type '{1}', an [InlineArray] with [StructLayout(Size = {2})], which the runtime does not load: "
            + "remove Size, and put what has to follow into fields of its own",
        category: RuleCategories.Layout,
        defaultSeverity: DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "The size of an inline array is the number of its elements times the size of one; the runtime refuses any other.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0025.md");

    public static void Check(IFieldSymbol field, DeclaredLayout declared, ParseReport report)
    {
        if (declared.Size > 0)
            report.Add(Descriptor, field, $"{field.ContainingType.Name}.{field.Name}", field.Type.ToDisplayString(), declared.Size);
    }
}
