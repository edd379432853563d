using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0008: a field is of a struct that is not shared.</summary>
internal static class ForeignStructRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0008",
        title: "A nested struct must be shared too",
        messageFormat: "Field '{0}' has struct type '{1}', which is not marked [SharedLayout] and is no known type: {2}",
        category: RuleCategories.Layout,
        defaultSeverity: DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "The layout of a struct is only known if the generator has checked it, or if it is one of the BCL's whose layout "
            + "is fixed.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0008.md");

    public static string Remedy(INamedTypeSymbol type)
    {
        if (type.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T)
            return "use a field for the value and another for whether there is one";
        if (InlineArrays.Find(type) is not null)
            return "put the inner [InlineArray] into a [SharedLayout] struct";
        return type.Locations.Any(static location => location.IsInSource)
            ? $"mark '{type.Name}' [SharedLayout] and partial"
            : "copy what you need of it into a [SharedLayout] struct of your own";
    }
}
