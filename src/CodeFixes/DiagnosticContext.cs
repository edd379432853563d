using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TypedShm.CodeFixes;

/// <summary>Where a report points.</summary>
internal sealed record DiagnosticContext(
    Document Document, SemanticModel Model, SyntaxNode Node, Diagnostic Diagnostic, CancellationToken CancellationToken)
{
    public static async Task<DiagnosticContext> Of(Document document, Diagnostic diagnostic, CancellationToken cancellationToken)
    {
        SyntaxNode root = await document.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"{document.Name} is no C#.");
        SemanticModel model = await document.GetSemanticModelAsync(cancellationToken).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"{document.Name} is no C#.");
        return new DiagnosticContext(
            document, model, root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true), diagnostic, cancellationToken);
    }

    /// <summary>The declaration of the type that the report is about, or stands in.</summary>
    public TypeDeclarationSyntax? TypeDeclaration => Node.FirstAncestorOrSelf<TypeDeclarationSyntax>();

    /// <summary>The declaration of the field that the report is about.</summary>
    public FieldDeclarationSyntax? FieldDeclaration => Node.FirstAncestorOrSelf<FieldDeclarationSyntax>();

    /// <summary>The field that the report is about.</summary>
    public IFieldSymbol? Field => Node.FirstAncestorOrSelf<VariableDeclaratorSyntax>() is { } declarator
        ? Model.GetDeclaredSymbol(declarator, CancellationToken) as IFieldSymbol
        : null;
}
