using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TypedShm.Generator;

/// <summary>
/// Tells whether two versions of a file declare the same, that is differ in bodies, initial values and comments only: nothing outside of
/// these can mean anything else then. The compiler's own comparison of the kind, <c>SyntaxFactory.AreEquivalent(topLevel: true)</c>, does
/// not look into raw literals, and not into the bodies of structs, where a use of <c>field</c> or of a primary constructor's parameter
/// declares a field.
/// </summary>
internal static class DeclarationComparison
{
    public static bool AreSame(SyntaxTree before, SyntaxTree after, CancellationToken cancellationToken) =>
        before == after
        || (before.FilePath == after.FilePath && before.Options.Equals(after.Options)
            && AreSame(before.GetRoot(cancellationToken), after.GetRoot(cancellationToken), isInStruct: false));

    private static bool AreSame(SyntaxNode before, SyntaxNode after, bool isInStruct)
    {
        if (before.RawKind != after.RawKind)
            return false;
        if (before.IsIncrementallyIdenticalTo(after) || (!isInStruct && IsBody(before)))
            return true;
        if (!IsDeclaration(before))
            return before.ToString() == after.ToString();

        isInStruct |= before.IsKind(SyntaxKind.StructDeclaration) || before.IsKind(SyntaxKind.RecordStructDeclaration);
        ChildSyntaxList.Enumerator others = after.ChildNodesAndTokens().GetEnumerator();
        foreach (SyntaxNodeOrToken child in before.ChildNodesAndTokens())
        {
            if (!others.MoveNext() || !AreSame(child, others.Current, isInStruct))
                return false;
        }

        return !others.MoveNext();
    }

    private static bool AreSame(SyntaxNodeOrToken before, SyntaxNodeOrToken after, bool isInStruct) =>
        before.AsNode() is { } node
            ? after.AsNode() is { } other && AreSame(node, other, isInStruct)
            : after.IsToken && before.RawKind == after.RawKind && before.AsToken().Text == after.AsToken().Text;

    // An initial value is one of a field that is no constant, or of a property: what may stand elsewhere is compared as text.
    private static bool IsBody(SyntaxNode node) =>
        node is BlockSyntax or ArrowExpressionClauseSyntax or EqualsValueClauseSyntax or GlobalStatementSyntax;

    /// <summary>Whether a body or an initial value may stand in it: no deeper than types are nested, whatever expressions are.</summary>
    private static bool IsDeclaration(SyntaxNode node) => node switch
    {
        FieldDeclarationSyntax field => !field.Modifiers.Any(SyntaxKind.ConstKeyword),
        CompilationUnitSyntax or BaseNamespaceDeclarationSyntax or TypeDeclarationSyntax or BaseMethodDeclarationSyntax
            or BasePropertyDeclarationSyntax or AccessorListSyntax or AccessorDeclarationSyntax or EventFieldDeclarationSyntax
            or VariableDeclarationSyntax or VariableDeclaratorSyntax => true,
        _ => false,
    };
}
