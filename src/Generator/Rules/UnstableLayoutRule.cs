using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0007: the runtime or the processor chooses the layout of a field's type.</summary>
internal static class UnstableLayoutRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0007",
        title: "A shared struct must not contain types whose layout is not fixed",
        messageFormat: "Field '{0}' has type '{1}', whose layout is the choice of the runtime or the processor: {2}",
        category: RuleCategories.Layout,
        defaultSeverity: DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "Two processes may lay the type out differently, so neither could read what the other wrote.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0007.md");

    /// <returns>What to use instead, or null if the type is not known to be unstable.</returns>
    public static string? RemedyFor(ITypeSymbol type)
    {
        if (type is INamedTypeSymbol { IsTupleType: true }
            || MetadataNames.Of(type).StartsWith("System.ValueTuple", StringComparison.Ordinal))
            return "declare a [SharedLayout] struct with named fields";
        return KnownTypes.Unstable.TryGetValue(MetadataNames.Of(type), out string? remedy) ? remedy : null;
    }
}
