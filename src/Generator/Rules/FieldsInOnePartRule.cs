using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0013: the fields stand in several parts of the struct.</summary>
internal static class FieldsInOnePartRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0013",
        title: "The fields of a shared struct must stand in one part",
        messageFormat: "'{0}' declares fields in more than one part, so their order is not defined: move them into one",
        category: RuleCategories.Layout,
        defaultSeverity: DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "The language leaves the order of fields from different parts open.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0013.md");

    public static void Check(INamedTypeSymbol type, ParseReport report)
    {
        if (type.DeclaringSyntaxReferences.Length < 2)
            return;

        SyntaxReference? first = null;
        foreach (ISymbol member in type.GetMembers())
        {
            if (member is not IFieldSymbol { IsStatic: false, Locations: [{ SourceTree: { } tree } location, ..] })
                continue;
            SyntaxReference part = type.DeclaringSyntaxReferences.First(reference => reference.SyntaxTree == tree
                && reference.Span.Contains(location.SourceSpan));
            first ??= part;
            if (part != first)
            {
                report.Add(Descriptor, member, type.Name);
                return;
            }
        }
    }
}
