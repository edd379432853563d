using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;
using TypedShm.Generator;

namespace TypedShm.CodeFixes;

/// <summary>Replaces <c>volatile</c> by <c>[Atomic]</c>, and goes on to where the field is used through a view.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class AtomicFix : SharedLayoutFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [VolatileRule.Descriptor.Id];

    internal override IEnumerable<(string Key, string Title)> ActionsFor(Place place) => place is { Field: not null, FieldDeclaration: not null } ? [("atomic", "Use [Atomic]")] : [];

    internal override async Task Edit(SolutionEditor editor, Place place, string key)
    {
        DocumentEditor declaring = await editor.GetDocumentEditorAsync(place.Document.Id, place.CancellationToken).ConfigureAwait(false);
        declaring.ReplaceNode(place.FieldDeclaration!, static (current, _) => WithAtomic((FieldDeclarationSyntax)current));

        IFieldSymbol field = place.Field!;
        foreach (Document document in place.Document.Project.Documents)
        {
            foreach ((ExpressionSyntax use, bool isRead) in await UsesIn(document, field, place.CancellationToken).ConfigureAwait(false))
            {
                DocumentEditor file = await editor.GetDocumentEditorAsync(document.Id, place.CancellationToken).ConfigureAwait(false);
                file.ReplaceNode(isRead ? use : use.Parent!, (current, _) => Rewrite(current, isRead));
            }
        }
    }

    private static FieldDeclarationSyntax WithAtomic(FieldDeclarationSyntax field)
    {
        // Another field of the same declaration may have been here before.
        if (!field.Modifiers.Any(SyntaxKind.VolatileKeyword))
            return field;
        SyntaxTriviaList leading = field.GetLeadingTrivia();
        SyntaxTokenList modifiers = SyntaxFactory.TokenList(field.Modifiers.Where(static modifier => !modifier.IsKind(SyntaxKind.VolatileKeyword)));
        return Attributes.AddAtomic(field.WithModifiers(modifiers).WithLeadingTrivia(leading));
    }

    /// <summary>The places where the field is read or assigned through a view; others, such as <c>ref view.Field</c>, are left to the user.</summary>
    private static async Task<List<(ExpressionSyntax Use, bool IsRead)>> UsesIn(Document document, IFieldSymbol field, CancellationToken cancellationToken)
    {
        List<(ExpressionSyntax, bool)> uses = [];
        if (await document.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false) is not { } root
            || await document.GetSemanticModelAsync(cancellationToken).ConfigureAwait(false) is not { } model)
        {
            return uses;
        }

        foreach (MemberAccessExpressionSyntax access in root.DescendantNodes().OfType<MemberAccessExpressionSyntax>())
        {
            if (access.Name.Identifier.ValueText != field.Name
                || model.GetSymbolInfo(access, cancellationToken).Symbol is not IPropertySymbol { ContainingType: { Name: "SharedView" or "ReadOnlySharedView" } view }
                || !SymbolEqualityComparer.Default.Equals(view.ContainingType, field.ContainingType))
            {
                continue;
            }

            bool isWritten = access.Parent switch
            {
                AssignmentExpressionSyntax assignment => assignment.Left == access,
                PrefixUnaryExpressionSyntax unary => unary.IsKind(SyntaxKind.PreIncrementExpression) || unary.IsKind(SyntaxKind.PreDecrementExpression),
                PostfixUnaryExpressionSyntax unary => unary.IsKind(SyntaxKind.PostIncrementExpression) || unary.IsKind(SyntaxKind.PostDecrementExpression),
                _ => false,
            };
            if (isWritten ? access.Parent is AssignmentExpressionSyntax { RawKind: (int)SyntaxKind.SimpleAssignmentExpression, Parent: ExpressionStatementSyntax } : access.Parent is not (RefExpressionSyntax or ArgumentSyntax { RefKindKeyword.RawKind: not 0 }))
                uses.Add((access, !isWritten));
        }

        return uses;
    }

    private static InvocationExpressionSyntax Rewrite(SyntaxNode use, bool isRead)
    {
        ExpressionSyntax field = isRead ? (ExpressionSyntax)use : ((AssignmentExpressionSyntax)use).Left;
        MemberAccessExpressionSyntax method = SyntaxFactory.MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression, field.WithoutTrivia(), SyntaxFactory.IdentifierName(isRead ? "Read" : "Write"));
        InvocationExpressionSyntax call = isRead
            ? SyntaxFactory.InvocationExpression(method)
            : SyntaxFactory.InvocationExpression(method, SyntaxFactory.ArgumentList(SyntaxFactory.SingletonSeparatedList(SyntaxFactory.Argument(((AssignmentExpressionSyntax)use).Right.WithoutTrivia()))));
        return call.WithTriviaFrom(use);
    }
}
