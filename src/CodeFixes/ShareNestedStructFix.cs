using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;
using TypedShm.Generator;

namespace TypedShm.CodeFixes;

/// <summary>Marks the struct of a field <c>[SharedLayout]</c>, and makes it partial.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class ShareNestedStructFix : SharedLayoutFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [ForeignStructRule.Descriptor.Id];

    internal override IEnumerable<(string Key, string Title)> GetFixes(DiagnosticContext target) =>
        Find(target) is { } declaration ? [("share", $"Mark '{declaration.Identifier.ValueText}' [SharedLayout]")] : [];

    internal override async Task Edit(SolutionEditor editor, DiagnosticContext target, string key)
    {
        TypeDeclarationSyntax declaration = Find(target)!;
        DocumentId file = target.Document.Project.Solution.GetDocumentId(declaration.SyntaxTree)!;
        DocumentEditor document = await editor.GetDocumentEditorAsync(file, target.CancellationToken).ConfigureAwait(false);
        Modifiers.MakePartial(document, declaration);

        // Another field of the same struct may have brought it here before.
        document.ReplaceNode(declaration, static (current, _) =>
            Attributes.Has(((TypeDeclarationSyntax)current).AttributeLists, "SharedLayout")
                ? current
                : Attributes.AddSharedLayout((TypeDeclarationSyntax)current));
    }

    private static TypeDeclarationSyntax? Find(DiagnosticContext target)
    {
        ITypeSymbol? type = target.Field?.Type;
        if (type is not null && InlineArrays.Find(type) is { } array)
            type = array.Element;
        return type is INamedTypeSymbol { TypeKind: TypeKind.Struct, IsGenericType: false, DeclaringSyntaxReferences: [var declared, ..] }
            && InlineArrays.Find(type) is null
                ? declared.GetSyntax(target.CancellationToken) as TypeDeclarationSyntax
                : null;
    }
}
