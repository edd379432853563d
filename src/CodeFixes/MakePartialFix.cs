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

    internal override IEnumerable<(string Key, string Title)> ActionsFor(Place place) => place.TypeDeclaration is null ? [] : [("partial", "Make it partial")];

    internal override async Task Edit(SolutionEditor editor, Place place, string key) =>
        Modifiers.MakePartial(await editor.GetDocumentEditorAsync(place.Document.Id, place.CancellationToken).ConfigureAwait(false), place.TypeDeclaration!);
}
