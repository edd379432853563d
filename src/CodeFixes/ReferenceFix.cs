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

/// <summary>Turns a local that holds a copy into one that refers to the original; or, where none can, says that a copy is meant.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class ReferenceFix : SharedLayoutFix
{
    private const string Reference = "reference";
    private const string Copy = "read";

    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [LargeCopyRule.Descriptor.Id];

    internal override IEnumerable<(string Key, string Title)> GetFixes(DiagnosticContext target)
    {
        if (Declaration(target) is not null)
            yield return (Reference, "Use 'ref readonly'");
        if (ValueOfEnd(target) is not null)
            yield return (Copy, "Use Read()");
    }

    internal override async Task Edit(SolutionEditor editor, DiagnosticContext target, string key)
    {
        DocumentEditor document = await editor.GetDocumentEditorAsync(target.Document.Id, target.CancellationToken).ConfigureAwait(false);
        if (key == Copy)
        {
            MemberAccessExpressionSyntax value = ValueOfEnd(target)!;
            document.ReplaceNode(value, SyntaxFactory.InvocationExpression(value.WithName(SyntaxFactory.IdentifierName("Read"))
                .WithoutTrailingTrivia()).WithTriviaFrom(value));
            return;
        }

        VariableDeclarationSyntax old = Declaration(target)!;
        VariableDeclaratorSyntax variable = old.Variables[0];
        ExpressionSyntax initial = variable.Initializer!.Value;
        document.ReplaceNode(old, old
            .WithType(SyntaxFactory.RefType(Keyword(SyntaxKind.RefKeyword).WithLeadingTrivia(old.Type.GetLeadingTrivia()),
                Keyword(SyntaxKind.ReadOnlyKeyword), old.Type.WithoutLeadingTrivia()))
            .WithVariables(SyntaxFactory.SingletonSeparatedList(variable.WithInitializer(
                variable.Initializer.WithValue(SyntaxFactory.RefExpression(Keyword(SyntaxKind.RefKeyword), initial))))));
    }

    private static SyntaxToken Keyword(SyntaxKind kind) => SyntaxFactory.Token(kind).WithTrailingTrivia(SyntaxFactory.Space);

    /// <summary>The <c>Value</c> of an end that can also be read by copy; null if the report is about something else.</summary>
    private static MemberAccessExpressionSyntax? ValueOfEnd(DiagnosticContext target) =>
        target.Node is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Value" } access
        && target.Model.GetSymbolInfo(access, target.CancellationToken).Symbol is IPropertySymbol { ContainingType: var end }
        && SharedTypes.IsOfRuntime(end) && end.GetMembers("Read").OfType<IMethodSymbol>().Any(static method => method.Parameters.IsEmpty)
            ? access
            : null;

    /// <summary>The declaration of one local, which is only read afterwards, where a reference may stand.</summary>
    private static VariableDeclarationSyntax? Declaration(DiagnosticContext target)
    {
        if (target.Node is not ExpressionSyntax value
            || value.Parent is not EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax declarator }
            || declarator.Parent is not VariableDeclarationSyntax { Variables.Count: 1 } declaration
            || declaration.Parent is not LocalDeclarationStatementSyntax { UsingKeyword.RawKind: 0 }
            || target.Model.GetOperation(
                declarator, target.CancellationToken) is not IVariableDeclaratorOperation { Symbol: var local } operation
            || !LargeCopyRule.MayRefer(operation))
        {
            return null;
        }

        IOperation root = operation;
        while (root.Parent is { } outer)
            root = outer;
        return root.Descendants().OfType<ILocalReferenceOperation>().Where(reference =>
            SymbolEqualityComparer.Default.Equals(reference.Local, local)).All(reference =>
            IsOnlyRead(reference, operation)) ? declaration : null;
    }

    // A reference cannot be captured, so its uses have to be in the function itself, and plain.
    private static bool IsOnlyRead(ILocalReferenceOperation reference, IOperation declarator)
    {
        IOperation part = reference;
        while (part.Parent is IFieldReferenceOperation field && field.Instance == part)
            part = field;
        bool isWritten = part.Parent switch
        {
            IAssignmentOperation assignment => assignment.Target == part,
            IIncrementOrDecrementOperation => true,
            IArgumentOperation argument => argument.Parameter?.RefKind is RefKind.Ref or RefKind.Out,

            // Methods may write what they are called on, and would be given a copy.
            IInvocationOperation invocation => invocation.Instance == part && !invocation.TargetMethod.IsReadOnly,
            IAddressOfOperation => true,
            IVariableInitializerOperation => part.Syntax.Parent is RefExpressionSyntax,
            _ => false,
        };
        return !isWritten && FunctionOf(reference) == FunctionOf(declarator);
    }

    private static IOperation? FunctionOf(IOperation operation)
    {
        IOperation? outer = operation;
        while (outer is not (null or IAnonymousFunctionOperation or ILocalFunctionOperation))
            outer = outer.Parent;
        return outer;
    }
}
