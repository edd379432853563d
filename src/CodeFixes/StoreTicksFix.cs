using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;
using TypedShm.Generator;

namespace TypedShm.CodeFixes;

/// <summary>Replaces a DateTime by its ticks, and adds a property of the old name and type.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class StoreTicksFix : SharedLayoutFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [UnstableLayoutRule.Descriptor.Id];

    internal override IEnumerable<(string Key, string Title)> GetFixes(DiagnosticContext target) =>
        target is { Field.Type.SpecialType: SpecialType.System_DateTime, FieldDeclaration: { } declaration }
            && declaration.Declaration.Variables.All(static variable => variable.Initializer is null)
            && NamesAreFree(target, declaration)
                ? [("ticks", "Store the ticks")]
                : [];

    internal override async Task Edit(SolutionEditor editor, DiagnosticContext target, string key)
    {
        FieldDeclarationSyntax old = target.FieldDeclaration!;
        DocumentEditor file = await editor.GetDocumentEditorAsync(target.Document.Id, target.CancellationToken).ConfigureAwait(false);
        VariableDeclarationSyntax variables = old.Declaration
            .WithType(SyntaxFactory.PredefinedType(SyntaxFactory.Token(SyntaxKind.LongKeyword)).WithTriviaFrom(old.Declaration.Type))
            .WithVariables(SyntaxFactory.SeparatedList(
                old.Declaration.Variables.Select(static variable =>
                    variable.WithIdentifier(SyntaxFactory.Identifier(TicksOf(variable)).WithTriviaFrom(variable.Identifier))),
                old.Declaration.Variables.GetSeparators()));
        file.InsertAfter(old, old.Declaration.Variables.Select(variable => Property(old, variable)));
        file.ReplaceNode(old, old.WithDeclaration(variables));
    }

    // All fields of one declaration change their type together.
    internal override SyntaxNode Subject(DiagnosticContext target) => target.FieldDeclaration!;

    private static PropertyDeclarationSyntax Property(FieldDeclarationSyntax field, VariableDeclaratorSyntax variable)
    {
        string ticks = TicksOf(variable);
        bool isReadOnly = field.Modifiers.Any(SyntaxKind.ReadOnlyKeyword);
        string modifiers = string.Concat(field.Modifiers.Where(static modifier => !modifier.IsKind(SyntaxKind.ReadOnlyKeyword))
            .Select(static modifier => modifier.Text + " "));
        string head = $"{modifiers}{field.Declaration.Type} {variable.Identifier.Text}";
        string text = isReadOnly
            ? $"{head} => new({ticks});"
            : $$"""
                {{head}}
                {
                    readonly get => new({{ticks}});
                    set => {{ticks}} = value.Ticks;
                }
                """;
        SyntaxTriviaList indentation = Whitespace.IndentationOf(field);
        SyntaxTrivia endOfLine = Whitespace.EndOfLine(field);
        PropertyDeclarationSyntax property = (PropertyDeclarationSyntax)SyntaxFactory.ParseMemberDeclaration(
            text.Replace("\r", "").Replace("\n", endOfLine.ToFullString() + indentation.ToFullString()))!;
        IEnumerable<SyntaxTrivia> documentation = field.GetLeadingTrivia()
            .Where(static trivia => trivia.GetStructure() is DocumentationCommentTriviaSyntax)
            .SelectMany(trivia => indentation.Append(trivia));
        return property.WithLeadingTrivia(SyntaxFactory.TriviaList([endOfLine, .. documentation, .. indentation]))
            .WithTrailingTrivia(endOfLine);
    }

    private static string TicksOf(VariableDeclaratorSyntax variable) => variable.Identifier.ValueText + "Ticks";

    private static bool NamesAreFree(DiagnosticContext target, FieldDeclarationSyntax declaration) =>
        declaration.Declaration.Variables.All(variable => target.Field!.ContainingType.GetMembers(TicksOf(variable)).IsEmpty);
}
