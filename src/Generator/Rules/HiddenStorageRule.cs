using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0014: the compiler adds a field that the source does not show.</summary>
internal static class HiddenStorageRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0014",
        title: "A shared struct must not have hidden storage",
        messageFormat: "'{0}' has hidden storage for '{1}' ({2}): declare a field instead",
        category: RuleCategories.Layout,
        defaultSeverity: DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "The compiler stores it in a field of its own, at a place of its own choice.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0014.md");

    /// <summary>Whether the field is one that the compiler made.</summary>
    public static bool Applies(IFieldSymbol field, ParseReport report)
    {
        if (!field.IsImplicitlyDeclared)
            return false;
        if (field.AssociatedSymbol is { } property)
            report.Add(Descriptor, property, field.ContainingType.Name, property.Name, "a property without a body");
        else
            report.Add(Descriptor, field, field.ContainingType.Name, CapturedName(field.Name),
                "a parameter of the primary constructor that a member uses");
        return true;
    }

    // The compiler calls the field for the parameter 'x' '<x>P'.
    private static string CapturedName(string name) => name.Substring(1, name.Length - "<>P".Length);
}
