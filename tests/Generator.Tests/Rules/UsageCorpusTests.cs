using System.Collections.Immutable;
using System.Globalization;
using Microsoft.CodeAnalysis;

namespace TypedShm.Generator.Tests;

/// <summary>
/// The rules on usage over snippets as users write them: each wrong one is caught, of the correct ones none is spoken of.
/// </summary>
public sealed class UsageCorpusTests(UsageCorpusTests.Reports reports) : IClassFixture<UsageCorpusTests.Reports>
{
    public static TheoryData<string> Wrong =>
        [.. UsageCorpus.All.Where(static snippet => snippet.IsWrong).Select(static snippet => snippet.Title)];

    public static TheoryData<string> Correct =>
        [.. UsageCorpus.All.Where(static snippet => !snippet.IsWrong).Select(static snippet => snippet.Title)];

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_wrong_snippet_is_caught(string title)
    {
        UsageCorpus snippet = UsageCorpus.All.Single(candidate => candidate.Title == title);
        Assert.True(reports.Of(title).Any(report => report.Id == snippet.Rule), reports.Show(title));
    }

    [Theory]
    [MemberData(nameof(Correct))]
    public void A_correct_snippet_is_not_spoken_of(string title) => Assert.True(reports.Of(title).IsEmpty, reports.Show(title));

    [Fact]
    public void There_are_enough_of_both_to_mean_something()
    {
        Assert.True(Wrong.Count >= 80 && Correct.Count >= 80, $"{Wrong.Count} wrong, {Correct.Count} correct");
        Assert.DoesNotContain(UsageCorpus.All.GroupBy(static snippet => snippet.Source), static same => same.Count() > 1);
    }

    /// <summary>One compilation of all, each in a file of its own.</summary>
    public sealed class Reports
    {
        private readonly ILookup<string, Diagnostic> _reports;

        public Reports()
        {
            TestProject project = new([UsageCorpus.Start, .. UsageCorpus.All.Select(static snippet =>
                snippet.Source)])
            { ImplicitUsings = true, AllowUnsafe = true };
            ImmutableArray<Diagnostic> all =
                Analysis.DiagnosticsOf(GeneratorRun.Of(project).Output, Analysis.Own, DiagnosticSeverity.Warning).GetAwaiter().GetResult();
            Diagnostic[] errors = [.. all.Where(static report => report.Severity == DiagnosticSeverity.Error)];
            Assert.True(errors.Length == 0, string.Join('\n', errors.Select(static error => error.ToString())));
            _reports = all.Where(static report => report.Id.StartsWith("TSHM", StringComparison.Ordinal))
                .ToLookup(static report => report.Location.SourceTree!.FilePath);
        }

        // The files of a test project are numbered, the first is what all share.
        public ImmutableArray<Diagnostic> Of(string title) =>
            [.. _reports[$"/project/File{Array.FindIndex(UsageCorpus.All, snippet => snippet.Title == title) + 1}.cs"]];

        public string Show(string title) => string.Join('\n', Of(title).Select(static report =>
            $"{report.Id}: {report.GetMessage(CultureInfo.InvariantCulture)}").Prepend("reported is"));
    }
}
