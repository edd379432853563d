using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Editing;
using TypedShm.Generator;

namespace TypedShm.CodeFixes;

/// <summary>Makes a shared struct, and the types around it, partial.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class MakePartialFix : SharedLayoutFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [PartialRule.Descriptor.Id, PartialContainerRule.Descriptor.Id];

    internal override IEnumerable<(string Key, string Title)> GetFixes(DiagnosticContext target) =>
        target.TypeDeclaration is null ? [] : [("partial", "Make it partial")];

    internal override async Task Edit(SolutionEditor editor, DiagnosticContext target, string key) =>
        Modifiers.MakePartial(await editor.GetDocumentEditorAsync(target.Document.Id, target.CancellationToken).ConfigureAwait(false),
            target.TypeDeclaration!);
}
