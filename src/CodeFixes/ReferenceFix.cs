using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;
using Microsoft.CodeAnalysis.Operations;
using TypedShm.Generator;

namespace TypedShm.CodeFixes;

/// <summary>Turns a local that holds a copy into one that refers to the original.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class ReferenceFix : SharedLayoutFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [LargeCopyAnalyzer.Descriptor.Id];

    internal override IEnumerable<(string Key, string Title)> ActionsFor(Place place) => Declaration(place) is not null ? [("reference", "Use 'ref readonly'")] : [];

    internal override async Task Edit(SolutionEditor editor, Place place, string key)
    {
        VariableDeclarationSyntax old = Declaration(place)!;
        VariableDeclaratorSyntax variable = old.Variables[0];
        ExpressionSyntax value = variable.Initializer!.Value;
        SyntaxToken Keyword(SyntaxKind kind) => SyntaxFactory.Token(kind).WithTrailingTrivia(SyntaxFactory.Space);
        VariableDeclarationSyntax changed = old
            .WithType(SyntaxFactory.RefType(Keyword(SyntaxKind.RefKeyword).WithLeadingTrivia(old.Type.GetLeadingTrivia()), Keyword(SyntaxKind.ReadOnlyKeyword), old.Type.WithoutLeadingTrivia()))
            .WithVariables(SyntaxFactory.SingletonSeparatedList(variable.WithInitializer(variable.Initializer.WithValue(SyntaxFactory.RefExpression(Keyword(SyntaxKind.RefKeyword), value)))));
        (await editor.GetDocumentEditorAsync(place.Document.Id, place.CancellationToken).ConfigureAwait(false)).ReplaceNode(old, changed);
    }

    /// <summary>The declaration of one local, which is only read afterwards, where a reference may stand.</summary>
    private static VariableDeclarationSyntax? Declaration(Place place)
    {
        if (place.Node is not ExpressionSyntax value
            || value.Parent is not EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax { Parent: VariableDeclarationSyntax { Variables.Count: 1, Parent: LocalDeclarationStatementSyntax { UsingKeyword.RawKind: 0 } } declaration } declarator }
            || place.Model.GetDeclaredSymbol(declarator, place.CancellationToken) is not ILocalSymbol local
            || Root(place.Model.GetOperation(declarator, place.CancellationToken)) is not { } root)
        {
            return null;
        }

        return root.Descendants().OfType<ILocalReferenceOperation>().Where(reference => SymbolEqualityComparer.Default.Equals(reference.Local, local)).All(IsOnlyRead) ? declaration : null;
    }

    // A reference can neither be captured nor live across an await, so its uses have to be in the method itself, and plain.
    private static bool IsOnlyRead(ILocalReferenceOperation reference)
    {
        IOperation place = reference;
        while (place.Parent is IFieldReferenceOperation field && field.Instance == place)
            place = field;
        bool isWritten = place.Parent switch
        {
            IAssignmentOperation assignment => assignment.Target == place,
            IIncrementOrDecrementOperation => true,
            IArgumentOperation argument => argument.Parameter?.RefKind is RefKind.Ref or RefKind.Out,

            // Methods may write what they are called on, and would be given a copy.
            IInvocationOperation invocation => invocation.Instance == place && !invocation.TargetMethod.IsReadOnly,
            IAddressOfOperation => true,
            IVariableInitializerOperation initializer => place.Syntax.Parent is RefExpressionSyntax,
            _ => false,
        };
        return !isWritten && !Ancestors(reference).Any(static outer => outer is IAnonymousFunctionOperation or ILocalFunctionOperation);
    }

    private static IEnumerable<IOperation> Ancestors(IOperation operation)
    {
        for (IOperation? outer = operation.Parent; outer is not null; outer = outer.Parent)
            yield return outer;
    }

    private static IOperation? Root(IOperation? operation)
    {
        while (operation?.Parent is { } outer)
            operation = outer;
        return operation is not null && !operation.Descendants().Any(static inner => inner is IAwaitOperation) ? operation : null;
    }
}
