using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>The rules on a struct's declaration; those on its fields are checked where the fields are parsed.</summary>
internal static class DeclarationRules
{
    public static void Check(INamedTypeSymbol type, ParseReport report, CancellationToken cancellationToken)
    {
        PartialRule.Check(type, report, cancellationToken);
        PartialContainerRule.Check(type, report, cancellationToken);
        GenericRule.Check(type, report);
        RefStructRule.Check(type, report);
        LayoutKindRule.Check(type, report);
        InlineArrayRule.Check(type, report);
        FieldsInOnePartRule.Check(type, report);
        ReferenceRule.CheckEvents(type, report);
        NameClashRule.Check(type, report);
        LanguageVersionRule.Check(type, report);
        AccessibilityRule.Check(type, report);
    }
}
