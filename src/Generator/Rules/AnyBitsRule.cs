using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0009: a field is of a type that not every pattern of bits is a value of.</summary>
internal static class AnyBitsRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0009",
        title: "A peer can write any bits into a bool or char",
        messageFormat: "Field '{0}' is a '{1}', and a peer can write bits into it that no '{1}' has: use '{2}', and check it",
        category: RuleCategories.Layout,
        defaultSeverity: DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        description: "A bool of 2 is neither true nor false, and a char may be half of a surrogate pair; the code that uses them "
            + "counts on neither.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0009.md");

    public static void Check(IFieldSymbol field, FieldSpec parsed, ParseReport report)
    {
        if (parsed.Kind == "bool")
            report.Add(Descriptor, field, $"{field.ContainingType.Name}.{field.Name}", "bool", "byte");
        else if (parsed.Kind == "char16")
            report.Add(Descriptor, field, $"{field.ContainingType.Name}.{field.Name}", "char", "ushort");
    }
}
