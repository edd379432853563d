using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;

namespace TypedShm.Generator.Tests;

/// <summary>Every rule has a page, and what the page shows is true.</summary>
public sealed partial class RulePageTests
{
    private static readonly ImmutableSortedDictionary<string, DiagnosticDescriptor> s_rules = Analysis.Own
        .SelectMany(static analyzer => analyzer.SupportedDiagnostics)
        .Where(static rule => rule.Id.StartsWith("TSHM", StringComparison.Ordinal))
        .Distinct()
        .ToImmutableSortedDictionary(static rule => rule.Id, static rule => rule, StringComparer.Ordinal);

    public static TheoryData<string> Ids => [.. s_rules.Keys];

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task The_failing_example_fires_exactly_its_rule(string id)
    {
        ImmutableArray<Diagnostic> found = await Analyze(RulePage.Read(id).Failing);
        Assert.All(found, diagnostic => Assert.Equal(id, diagnostic.Id));
        Assert.NotEmpty(found);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task The_fixed_example_fires_nothing(string id) => Assert.Empty(await Analyze(RulePage.Read(id).Fixed));

    [Theory]
    [MemberData(nameof(Ids))]
    public void Descriptor_page_and_release_tracking_agree(string id)
    {
        DiagnosticDescriptor rule = s_rules[id];
        RulePage page = RulePage.Read(id);
        string fix = FixTest.All.Any(provider => provider.FixableDiagnosticIds.Contains(id)) ? page.CodeFix : "none";
        Assert.Equal(new RulePage(
            id, rule.Title.ToString(null), rule.Category, rule.DefaultSeverity.ToString(), fix, page.Failing, page.Fixed), page);
        Assert.True(page.CodeFix == "none" || fix != "none");
        Assert.Equal($"https://github.com/typedshm/typedshm/blob/main/docs/diagnostics/{id}.md", rule.HelpLinkUri);
        Assert.Contains($"{id} | {page.Category} | {page.Severity} | {page.Title}",
            File.ReadAllLines(Repository.Find("src/Generator/AnalyzerReleases.Unshipped.md")));
        Assert.Contains($"| [{id}]({id}.md) | {page.Severity} | {page.Title} | {page.CodeFix} |",
            File.ReadAllLines(Path.Combine(RulePage.Directory, "README.md")));
    }

    [Fact]
    public void There_is_no_page_and_no_tracked_rule_without_an_analyzer()
    {
        Assert.Equal(s_rules.Keys, RulePage.Ids);
        Assert.Equal(s_rules.Keys, TrackedId().Matches(File.ReadAllText(Repository.Find("src/Generator/AnalyzerReleases.Unshipped.md")))
            .Select(static match => match.Value));
    }

    [Fact]
    public void Every_rule_is_on_by_default_and_says_why_it_exists()
    {
        Assert.All(s_rules.Values, static rule =>
        {
            Assert.True(rule.IsEnabledByDefault);
            Assert.NotEmpty(rule.Description.ToString(null));
        });
    }

    /// <summary>Of an example: reports of our own at any severity, and errors of the compiler's.</summary>
    private static async Task<ImmutableArray<Diagnostic>> Analyze(string example)
    {
        TestProject project = RulePage.ProjectOf(example);
        ImmutableArray<Diagnostic> all =
            await Analysis.DiagnosticsOf(GeneratorRun.Of(project).Output, Analysis.Own, DiagnosticSeverity.Info, project.LayoutFile);
        bool isExplained = all.Any(static diagnostic => diagnostic.Id == UnsharedTypeAnalyzer.Descriptor.Id);

        // The compiler says the same as that rule, in its own words.
        return
        [
            .. all.Where(static diagnostic => diagnostic.Id.StartsWith("TSHM", StringComparison.Ordinal)
                || diagnostic.Severity == DiagnosticSeverity.Error)
                .Where(diagnostic => !isExplained || diagnostic.Id is not ("CS0315" or "CS0314")),
        ];
    }

    [GeneratedRegex("^TSHM[0-9]{4}", RegexOptions.Multiline)]
    private static partial Regex TrackedId();
}
