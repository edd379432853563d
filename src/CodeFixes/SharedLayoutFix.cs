using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Editing;

namespace TypedShm.CodeFixes;

/// <summary>
/// A code fix whose edits can reach other files, and which deals with any number of reports in one go: all edits go through one editor,
/// so two of them in the same place never conflict.
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
            DiagnosticContext target = await DiagnosticContext.Of(context.Document, diagnostic, context.CancellationToken)
                .ConfigureAwait(false);
            foreach ((string key, string title) in GetFixes(target))
            {
                context.RegisterCodeFix(
                    CodeAction.Create(title, cancellationToken => FixAsync(context.Document.Project.Solution,
                        [(context.Document, diagnostic)], key, cancellationToken), key),
                    diagnostic);
            }
        }
    }

    /// <summary>The fixes that are offered for a report: a key, and what the editor shows; none, if it cannot be fixed.</summary>
    internal abstract IEnumerable<(string Key, string Title)> GetFixes(DiagnosticContext target);

    /// <summary>Edits what is needed for one report, for which <see cref="GetFixes"/> has offered the fix.</summary>
    internal abstract Task Edit(SolutionEditor editor, DiagnosticContext target, string key);

    /// <summary>What the fix of a report changes. Of several reports whose fixes change the same, one is seen to.</summary>
    internal virtual SyntaxNode Subject(DiagnosticContext target) => target.Node;

    private async Task<Solution> FixAsync(
        Solution solution, IEnumerable<(Document Document, Diagnostic Diagnostic)> reports, string key, CancellationToken cancellationToken)
    {
        SolutionEditor editor = new(solution);
        HashSet<SyntaxNode> edited = [];
        foreach ((Document document, Diagnostic diagnostic) in reports)
        {
            DiagnosticContext target = await DiagnosticContext.Of(document, diagnostic, cancellationToken).ConfigureAwait(false);
            if (GetFixes(target).Any(action => action.Key == key) && edited.Add(Subject(target)))
                await Edit(editor, target, key).ConfigureAwait(false);
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
            FixAllScope.Solution => context.Solution.Projects.Where(static project => project.Language == LanguageNames.CSharp)
                .SelectMany(static project => project.Documents),
            FixAllScope.Project => context.Project.Documents,
            _ => context.Document is { } document ? [document] : [],
        };
    }
}
