using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Editing;

namespace TypedShm.CodeFixes;

/// <summary>
/// A code fix whose edits can reach other files, and which deals with any number of reports in one go: all edits
/// go through one editor, so two of them in the same place never conflict.
/// </summary>
public abstract class SharedLayoutFix : CodeFixProvider
{
    /// <inheritdoc/>
    public sealed override FixAllProvider GetFixAllProvider() => new AllAtOnce(this);

    /// <inheritdoc/>
    public sealed override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        foreach (Diagnostic diagnostic in context.Diagnostics)
        {
            Place place = await Place.Of(context.Document, diagnostic, context.CancellationToken).ConfigureAwait(false);
            foreach ((string key, string title) in ActionsFor(place))
            {
                context.RegisterCodeFix(
                    CodeAction.Create(title, cancellationToken => FixAsync(context.Document.Project.Solution, [(context.Document, diagnostic)], key, cancellationToken), key),
                    diagnostic);
            }
        }
    }

    /// <summary>The fixes that are offered for a report: a key, and what the editor shows; none, if it cannot be fixed.</summary>
    internal abstract IEnumerable<(string Key, string Title)> ActionsFor(Place place);

    /// <summary>Edits what is needed for one report, for which <see cref="ActionsFor"/> has offered the fix.</summary>
    internal abstract Task Edit(SolutionEditor editor, Place place, string key);

    private async Task<Solution> FixAsync(Solution solution, IEnumerable<(Document Document, Diagnostic Diagnostic)> reports, string key, CancellationToken cancellationToken)
    {
        SolutionEditor editor = new(solution);
        foreach ((Document document, Diagnostic diagnostic) in reports)
        {
            Place place = await Place.Of(document, diagnostic, cancellationToken).ConfigureAwait(false);
            if (ActionsFor(place).Any(action => action.Key == key))
                await Edit(editor, place, key).ConfigureAwait(false);
        }

        return editor.GetChangedSolution();
    }

    private sealed class AllAtOnce(SharedLayoutFix fix) : FixAllProvider
    {
        public override async Task<CodeAction?> GetFixAsync(FixAllContext context)
        {
            List<(Document, Diagnostic)> reports = [];
            foreach (Document document in DocumentsOf(context))
            {
                foreach (Diagnostic diagnostic in await context.GetDocumentDiagnosticsAsync(document).ConfigureAwait(false))
                    reports.Add((document, diagnostic));
            }

            string key = context.CodeActionEquivalenceKey ?? "";
            return CodeAction.Create("Fix all", cancellationToken => fix.FixAsync(context.Solution, reports, key, cancellationToken), key);
        }

        private static IEnumerable<Document> DocumentsOf(FixAllContext context) => context.Scope switch
        {
            FixAllScope.Solution => context.Solution.Projects.Where(static project => project.Language == LanguageNames.CSharp).SelectMany(static project => project.Documents),
            FixAllScope.Project => context.Project.Documents,
            _ => context.Document is { } document ? [document] : [],
        };
    }
}
