using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;
using TypedShm.Generator;

namespace TypedShm.CodeFixes;

/// <summary>Replaces a type of native size by the one of fixed size.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class FixedSizeFix : SharedLayoutFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [NativeSizeRule.Descriptor.Id];

    internal override IEnumerable<(string Key, string Title)> GetFixes(DiagnosticContext target) =>
        Find(target) is var (_, replacement) ? [("fixed-size", $"Use '{replacement}'")] : [];

    internal override async Task Edit(SolutionEditor editor, DiagnosticContext target, string key)
    {
        (FieldDeclarationSyntax field, string replacement) = Find(target)!.Value;
        DocumentId file = target.Document.Project.Solution.GetDocumentId(field.SyntaxTree)!;
        (await editor.GetDocumentEditorAsync(file, target.CancellationToken).ConfigureAwait(false)).ReplaceNode(field, (current, _) =>
        {
            VariableDeclarationSyntax variables = ((FieldDeclarationSyntax)current).Declaration;
            return ((FieldDeclarationSyntax)current)
                .WithDeclaration(variables.WithType(SyntaxFactory.ParseTypeName(replacement).WithTriviaFrom(variables.Type)));
        });
    }

    // Of an inline array it is the type of the elements, which stands in the array's own declaration.
    private static (FieldDeclarationSyntax Field, string Replacement)? Find(DiagnosticContext target)
    {
        if (target.Field is not { } field)
            return null;
        if (InlineArrays.Find(field.Type) is { } array)
            field = ((INamedTypeSymbol)field.Type).GetMembers().OfType<IFieldSymbol>().First(static only => !only.IsStatic);
        return NativeSizeRule.ReplacementFor(field.Type) is { } replacement
            && field.DeclaringSyntaxReferences is [var declared, ..]
            && declared.GetSyntax(target.CancellationToken).FirstAncestorOrSelf<FieldDeclarationSyntax>() is { } declaration
                ? (declaration, replacement)
                : null;
    }
}
