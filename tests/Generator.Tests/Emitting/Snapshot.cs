using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;

namespace TypedShm.Generator.Tests;

/// <summary>What is emitted for a source: compared with the checked-in snapshots, and compiled in every kind of project.</summary>
internal static class Snapshot
{
    /// <param name="source">The source.</param>
    /// <param name="configure">Changes the project that the source stands in.</param>
    /// <param name="file">Filled in by the compiler: names the snapshots.</param>
    /// <param name="method">Filled in by the compiler: names the snapshots.</param>
    public static async Task Verify(string source, Func<TestProject, TestProject>? configure = null, [CallerFilePath] string file = "",
        [CallerMemberName] string method = "")
    {
        TestProject project = new(source);
        project = configure?.Invoke(project) ?? project;
        Verifier.Verify(GeneratorRun.Of(project), file, method);

        // Two at a time: every pair of these settings meets in one of the four.
        await CompilesWithoutWarnings(project with { Nullable = true, ImplicitUsings = true, DocumentationFile = true });
        await CompilesWithoutWarnings(project with { Nullable = false, ImplicitUsings = false, DocumentationFile = true });
        await CompilesWithoutWarnings(project with { Nullable = true, ImplicitUsings = false, DocumentationFile = false });
        await CompilesWithoutWarnings(project with { Nullable = false, ImplicitUsings = true, DocumentationFile = false });
    }

    private static async Task CompilesWithoutWarnings(TestProject project)
    {
        GeneratorRun run = GeneratorRun.Of(project);
        ImmutableArray<Diagnostic> found = await Analysis.DiagnosticsOf(run.Output, Analysis.Own);
        Diagnostic[] ours = [.. found.Where(static diagnostic => !IsTheUsersBusiness(diagnostic))];
        Assert.True(ours.Length == 0, $"Nullable {project.Nullable}, ImplicitUsings {project.ImplicitUsings}, DocumentationFile "
            + $"{project.DocumentationFile}:\n{string.Join('\n', ours.Select(Show))}");
    }

    // The sources of the tests are short: they leave out doc comments, and do what a rule would advise against.
    private static bool IsTheUsersBusiness(Diagnostic diagnostic) =>
        diagnostic.Location.SourceTree?.FilePath.StartsWith("/project/", StringComparison.Ordinal) == true
        && (diagnostic.Id == "CS1591" || diagnostic.Id.StartsWith("TSHM", StringComparison.Ordinal));

    private static string Show(Diagnostic diagnostic) =>
        $"{diagnostic}\n    {diagnostic.Location.SourceTree?.GetText().Lines[diagnostic.Location.GetLineSpan().StartLinePosition.Line]}";
}
