using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0105: [Atomic] stands on something that is not atomic.</summary>
internal static class AtomicTypeRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0105",
        title: "[Atomic] is for numbers of 1, 2, 4 or 8 bytes",
        messageFormat: "Field '{0}' is marked [Atomic] but is of type '{1}': use an integer, enum, floating-point number, bool or char "
            + "of 1, 2, 4 or 8 bytes, or an array of them",
        category: RuleCategories.Concurrency,
        defaultSeverity: DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "The processor reads and writes at most 8 bytes in one step.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0105.md");

    private static readonly string[] s_kinds =
    [
        "bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float16", "float32", "float64", "char16",
    ];

    public static void Check(IFieldSymbol field, string kind, ParseReport report)
    {
        if (!s_kinds.Contains(kind))
            report.Add(Descriptor, field, $"{field.ContainingType.Name}.{field.Name}", field.Type.ToDisplayString());
    }
}
