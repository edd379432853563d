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

    internal override IEnumerable<(string Key, string Title)> GetFixes(DiagnosticContext target) =>
        target is { Field: not null, FieldDeclaration: not null } ? [("atomic", "Use [Atomic]")] : [];

    internal override async Task Edit(SolutionEditor editor, DiagnosticContext target, string key)
    {
        DocumentEditor declaring = await editor.GetDocumentEditorAsync(target.Document.Id, target.CancellationToken).ConfigureAwait(false);
        declaring.ReplaceNode(target.FieldDeclaration!, static (current, _) => WithAtomic((FieldDeclarationSyntax)current));
        foreach (Document document in target.Document.Project.Documents)
        {
            foreach (AtomicUse use in await AtomicUse.FindAsync(document, target.Field!, target.CancellationToken).ConfigureAwait(false))
            {
                DocumentEditor file = await editor.GetDocumentEditorAsync(document.Id, target.CancellationToken).ConfigureAwait(false);
                file.ReplaceNode(use.Node, (current, _) => use.Rewrite(current));
            }
        }
    }

    private static FieldDeclarationSyntax WithAtomic(FieldDeclarationSyntax field)
    {
        // Another field of the same declaration may have been here before.
        if (!field.Modifiers.Any(SyntaxKind.VolatileKeyword))
            return field;
        SyntaxTriviaList leading = field.GetLeadingTrivia();
        SyntaxTokenList modifiers =
            SyntaxFactory.TokenList(field.Modifiers.Where(static modifier => !modifier.IsKind(SyntaxKind.VolatileKeyword)));
        return Attributes.AddAtomic(field.WithModifiers(modifiers).WithLeadingTrivia(leading));
    }
}
