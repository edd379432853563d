using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0021: the struct of another assembly has no layout that this version understands.</summary>
internal static class StaleLayoutRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0021",
        title: "A nested struct of another assembly must be compiled with its generator",
        messageFormat: "Field '{0}' has type '{1}' of the assembly '{2}', which does not state the layout that is expected here: "
            + "rebuild that assembly with the same version of TypedShm",
        category: RuleCategories.Layout,
        defaultSeverity: DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "The generator leaves the layout of a struct in its assembly; without it, or if another version computed it, "
            + "nobody can tell where its fields are.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0021.md");
}
