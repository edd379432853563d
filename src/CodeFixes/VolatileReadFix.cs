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
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [EndlessLoopAnalyzer.Descriptor.Id];

    // Volatile.Read has overloads for these types only; others have to be [Atomic].
    internal override IEnumerable<(string Key, string Title)> ActionsFor(Place place) =>
        Field(place) is { } field && place.Model.GetTypeInfo(field, place.CancellationToken).Type is { SpecialType: (>= SpecialType.System_SByte and <= SpecialType.System_UInt64) or SpecialType.System_Boolean or SpecialType.System_Single or SpecialType.System_Double }
            ? [("volatile-read", "Use Volatile.Read")]
            : [];

    internal override async Task Edit(SolutionEditor editor, Place place, string key)
    {
        ExpressionSyntax field = Field(place)!;
        string by = IsReadOnly(place.Model.GetSymbolInfo(field, place.CancellationToken).Symbol, field, place) ? "in" : "ref";
        ExpressionSyntax read = SyntaxFactory.ParseExpression($"global::System.Threading.Volatile.Read({by} {field.WithoutTrivia()})");
        ExpressionSyntax type = ((MemberAccessExpressionSyntax)((InvocationExpressionSyntax)read).Expression).Expression;
        read = read.ReplaceNode(type, type.WithAdditionalAnnotations(Simplifier.Annotation)).WithTriviaFrom(field);
        (await editor.GetDocumentEditorAsync(place.Document.Id, place.CancellationToken).ConfigureAwait(false)).ReplaceNode(field, read);
    }

    private static ExpressionSyntax? Field(Place place) => place.Node as ExpressionSyntax;

    private static bool IsReadOnly(ISymbol? symbol, ExpressionSyntax expression, Place place) => symbol switch
    {
        IPropertySymbol property => property.ReturnsByRefReadonly,
        ILocalSymbol local => local.RefKind != RefKind.Ref,
        IFieldSymbol { IsReadOnly: true } => true,
        IFieldSymbol when expression is MemberAccessExpressionSyntax { Expression: var instance } => IsReadOnly(place.Model.GetSymbolInfo(instance, place.CancellationToken).Symbol, instance, place),
        _ => false,
    };
}
