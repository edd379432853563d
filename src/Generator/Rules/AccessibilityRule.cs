using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0203: generated code cannot name the struct.</summary>
internal static class AccessibilityRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0203",
        title: "A shared struct must be visible in its project",
        messageFormat: "'{0}' is {1}, so the generated extension property View cannot name it: make it, and the types around it, "
            + "internal or public",
        category: RuleCategories.Project,
        defaultSeverity: DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "The property View of the channels is declared outside the struct.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0203.md");

    public static void Check(INamedTypeSymbol type, ParseReport report)
    {
        for (INamedTypeSymbol? outer = type; outer is not null; outer = outer.ContainingType)
        {
            string? found = outer.IsFileLocal ? "file-local" : outer.DeclaredAccessibility switch
            {
                Accessibility.Private => "private",
                Accessibility.Protected or Accessibility.ProtectedAndInternal => "protected",
                _ => null,
            };
            if (found is not null)
            {
                report.Add(Descriptor, type, type.Name, outer.Equals(type, SymbolEqualityComparer.Default)
                    ? found
                    : $"nested in '{outer.Name}', which is {found}");
                return;
            }
        }
    }
}
