using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0017: a field is read-only, which no other process is bound to.</summary>
internal static class ReadOnlyFieldRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0017",
        title: "A readonly field can still change",
        messageFormat: "Field '{0}' is readonly here, but whoever writes the struct as a whole, or another process, can still change "
            + "it: remove 'readonly', and copy the value where it must stay the same",
        category: RuleCategories.Layout,
        defaultSeverity: DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        description: "The views return such a field by 'ref readonly', which keeps this process from writing it and nobody else.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0017.md");

    public static void Check(IFieldSymbol field, ParseReport report)
    {
        if (field.IsReadOnly)
            report.Add(Descriptor, field, $"{field.ContainingType.Name}.{field.Name}");
    }
}
