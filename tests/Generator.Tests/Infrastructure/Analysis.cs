using System.Collections.Immutable;
using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Testing;
using Microsoft.CodeAnalysis.Text;

namespace TypedShm.Generator.Tests;

/// <summary>
/// What the user sees: the diagnostics of the compiler and of analyzers on a project after the generator has run over it,
/// with suppressors at work.
/// </summary>
internal static class Analysis
{
    /// <summary>Every analyzer and suppressor that the package brings.</summary>
    public static ImmutableArray<DiagnosticAnalyzer> Own { get; } =
    [
        .. typeof(SharedLayoutGenerator).Assembly.GetTypes()
            .Where(static type => type.IsSubclassOf(typeof(DiagnosticAnalyzer)) && !type.IsAbstract)
            .Select(static type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!),
    ];

    /// <summary>Warnings and errors, or what else is asked for, of a project with or without a layout file.</summary>
    public static async Task<ImmutableArray<Diagnostic>> DiagnosticsOf(Compilation output, ImmutableArray<DiagnosticAnalyzer> analyzers,
        DiagnosticSeverity least = DiagnosticSeverity.Warning, string? layoutFile = null)
    {
        CompilationWithAnalyzersOptions options = new(
            layoutFile is null ? new AnalyzerOptions([]) : WithLayoutFile.Of(layoutFile),
            onAnalyzerException: static (error, analyzer, _) => throw new InvalidOperationException($"{analyzer} threw.", error),
            concurrentAnalysis: true,
            logAnalyzerExecutionTime: false,
            reportSuppressedDiagnostics: false);
        ImmutableArray<Diagnostic> all = await output.WithAnalyzers(analyzers, options).GetAllDiagnosticsAsync();
        return [.. all.Where(diagnostic => diagnostic.Severity >= least && !diagnostic.IsSuppressed)];
    }

    /// <summary>
    /// Checks a rule: the places marked <c>{|TSHM0001:…|}</c> are exactly those that analyzers report, with no error of the
    /// compiler's anywhere but at marks like <c>{|CS0246:…|}</c>, and above all none in generated code.
    /// </summary>
    /// <param name="markup">The source.</param>
    /// <param name="project">Makes a project of the source without its marks; the default if it is null.</param>
    /// <param name="least">Reports of less severity take no part, unless their id is marked in the source.</param>
    /// <returns>What was found at the marks, for a look at the messages.</returns>
    public static async Task<ImmutableArray<Diagnostic>> Check(
        string markup, Func<string, TestProject>? project = null, DiagnosticSeverity least = DiagnosticSeverity.Warning)
    {
        TestFileMarkupParser.GetSpans(markup, out string source, out ImmutableDictionary<string, ImmutableArray<TextSpan>> marks);
        TestProject user = project?.Invoke(source) ?? new TestProject(source);
        GeneratorRun run = GeneratorRun.Of(user);

        ImmutableArray<Diagnostic> found =
        [
            .. (await DiagnosticsOf(run.Output, Own, DiagnosticSeverity.Info))
                .Where(diagnostic => diagnostic.Severity >= least || marks.ContainsKey(diagnostic.Id)),
        ];
        string[] expected = [.. marks.SelectMany(static mark => mark.Value.Select(span => (mark.Key, span)))
            .OrderBy(static mark => mark.span.Start).Select(mark => Show(mark.Key, source, mark.span))];
        string[] actual = [.. found.OrderBy(static diagnostic => diagnostic.Location.SourceSpan.Start)
            .Select(diagnostic => Show(diagnostic, source))];
        Assert.True(expected.Order(StringComparer.Ordinal).SequenceEqual(actual.Order(StringComparer.Ordinal)), $"""
            Expected:
            {string.Join('\n', expected)}
            Found:
            {string.Join('\n', actual)}
            In full:
            {string.Join('\n', found)}
            """);
        return found;
    }

    private static string Show(Diagnostic diagnostic, string source) =>
        diagnostic.Location.SourceTree is { } tree && !tree.FilePath.StartsWith("/project/", StringComparison.Ordinal)
        ? $"{diagnostic.Id} in generated code: {diagnostic.GetMessage(CultureInfo.InvariantCulture)}"
        : Show(diagnostic.Id, source, diagnostic.Location.SourceSpan);

    private static string Show(string id, string source, TextSpan span)
    {
        LinePosition start = SourceText.From(source).Lines.GetLinePosition(span.Start);
        return string.Create(CultureInfo.InvariantCulture,
            $"{id} at line {start.Line + 1}, column {start.Character + 1}: {source.AsSpan(span.Start, span.Length)}");
    }
}
