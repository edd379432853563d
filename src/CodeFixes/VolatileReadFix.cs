using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;
using Microsoft.CodeAnalysis.Simplification;
using TypedShm.Generator;

namespace TypedShm.CodeFixes;

/// <summary>Reads the field that a loop waits for with Volatile.Read.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class VolatileReadFix : SharedLayoutFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [EndlessLoopRule.Descriptor.Id];

    // Volatile.Read has overloads for some types only, of which others have to be [Atomic]; and a copy is not read again by it.
    internal override IEnumerable<(string Key, string Title)> GetFixes(DiagnosticContext target) =>
        Place(target) is { Type: { } type } place && Operations.IsReference(place) && Operations.HasVolatileRead(type)
            ? [("volatile-read", "Use Volatile.Read")]
            : [];

    internal override async Task Edit(SolutionEditor editor, DiagnosticContext target, string key)
    {
        ExpressionSyntax field = (ExpressionSyntax)target.Node;
        string by = Operations.IsReadOnlyReference(Place(target)!) ? "in" : "ref";
        ExpressionSyntax read = SyntaxFactory.ParseExpression($"global::System.Threading.Volatile.Read({by} {field.WithoutTrivia()})");
        ExpressionSyntax type = ((MemberAccessExpressionSyntax)((InvocationExpressionSyntax)read).Expression).Expression;
        read = read.ReplaceNode(type, type.WithAdditionalAnnotations(Simplifier.Annotation)).WithTriviaFrom(field);
        (await editor.GetDocumentEditorAsync(target.Document.Id, target.CancellationToken).ConfigureAwait(false)).ReplaceNode(field, read);
    }

    private static IOperation? Place(DiagnosticContext target) =>
        target.Node is ExpressionSyntax field ? target.Model.GetOperation(field, target.CancellationToken) : null;
}
