using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Xunit.Abstractions;

namespace TypedShm.Generator.Tests;

/// <summary>
/// Source as it is in the middle of typing: every token of correct sources is removed, doubled, and replaced by another. The generator
/// and the analyzers never throw, generate no more than in proportion to what is there, and leave nothing to be reported in generated
/// code as long as the compiler finds no error in the source itself.
/// </summary>
[Collection(OnItsOwn.Name)]
public sealed class MutationTests(ITestOutputHelper output)
{
    private const int LeastStates = 2_000;

    /// <summary>A small struct of a dozen characters may have some kilobytes of code, and a mutation can make it contain others.</summary>
    private const int MostPerCharacter = 200;

    private static readonly string[] s_replacements =
        ["struct", "int", "<", "}", "{", ";", "[", "partial", "7", "Self", "*", "public", "(", "ref", "class", ",", "string"];

    [Fact]
    public void No_mutation_makes_the_generator_or_an_analyzer_throw()
    {
        ConcurrentBag<string> faults = [];
        int states = 0;
        Parallel.ForEach(MutationSources.All, source =>
        {
            State state = new(source);
            Assert.Empty(state.FaultsOf(source));
            foreach (string mutated in Mutations(source))
            {
                Interlocked.Increment(ref states);
                foreach (string fault in state.FaultsOf(mutated))
                    faults.Add($"{fault}\n{mutated}");
            }
        });

        output.WriteLine($"{states} states");
        Assert.True(states >= LeastStates, $"Only {states} states were tried.");
        Assert.True(faults.IsEmpty, $"{faults.Count} faults, the shortest:\n{faults.MinBy(static fault => fault.Length)}");
    }

    /// <summary>
    /// The negative control: a generator that throws, one that writes what has an error, and one that writes too much are noticed.
    /// </summary>
    [Theory]
    [InlineData("throw", "threw")]
    [InlineData("class A : Missing { }", "in generated code")]
    [InlineData("long", "characters")]
    public void A_bad_generator_is_noticed(string text, string fault)
    {
        string source = MutationSources.All[0];
        Assert.Contains(fault, Assert.Single(new State(source, new BadGenerator(text)).FaultsOf(source)), StringComparison.Ordinal);
    }

    private static IEnumerable<string> Mutations(string source)
    {
        int next = 0;
        foreach (SyntaxToken token in CSharpSyntaxTree.ParseText(source).GetRoot().DescendantTokens()
            .Where(static token => token.Span.Length > 0))
        {
            (string before, string text, string after) = (source[..token.SpanStart], token.Text, source[token.Span.End..]);
            yield return before + after;
            yield return $"{before}{text} {text}{after}";
            yield return $"{before}{s_replacements[next++ % s_replacements.Length]}{after}";
        }
    }

    /// <summary>One project, so that references and the symbols in them are shared by all that it becomes.</summary>
    private sealed class State
    {
        private readonly CSharpParseOptions _options;
        private readonly CSharpCompilation _project;
        private GeneratorDriver _driver;

        public State(string source, IIncrementalGenerator? generator = null)
        {
            TestProject project = new(source) { AllowUnsafe = true, ImplicitUsings = true };
            _options = project.ParseOptions;
            _project = project.Compile();
            _driver = CSharpGeneratorDriver.Create(
                [(generator ?? new SharedLayoutGenerator()).AsSourceGenerator()], parseOptions: _options);
        }

        public List<string> FaultsOf(string source)
        {
            SyntaxTree tree = _project.SyntaxTrees[0];
            CSharpCompilation compilation = _project.ReplaceSyntaxTree(tree, CSharpSyntaxTree.ParseText(source, _options, tree.FilePath));
            _driver = _driver.RunGenerators(compilation);
            GeneratorRunResult result = _driver.GetRunResult().Results.Single();
            if (result.Exception is { } thrown)
                return [$"The generator threw {thrown}"];

            long generated = result.GeneratedSources.Sum(static file => (long)file.SourceText.Length);
            if (generated > MostPerCharacter * source.Length)
                return [$"{generated} characters were generated from {source.Length}."];

            ImmutableArray<SyntaxTree> added = [.. result.GeneratedSources.Select(static file => file.SyntaxTree)];
            return AnalyzerFaults(compilation.AddSyntaxTrees(added), [.. added]);
        }

        private static List<string> AnalyzerFaults(Compilation whole, HashSet<SyntaxTree> added)
        {
            List<string> faults = [];
            CompilationWithAnalyzersOptions options = new(new AnalyzerOptions([]), (error, analyzer, _) =>
            {
                lock (faults)
                    faults.Add($"{analyzer.GetType().Name} threw {error}");
            }, concurrentAnalysis: false, logAnalyzerExecutionTime: false);
            ImmutableArray<Diagnostic> reports = whole.WithAnalyzers(Analysis.Own, options).GetAllDiagnosticsAsync().GetAwaiter()
                .GetResult();
            bool compiles = !reports.Any(report => report.Severity == DiagnosticSeverity.Error
                && !(report.Location.SourceTree is { } tree && added.Contains(tree)));
            if (compiles)
            {
                faults.AddRange(reports
                    .Where(report => report.Severity >= DiagnosticSeverity.Warning && report.Location.SourceTree is { } tree
                        && added.Contains(tree))
                    .Select(static report => $"in generated code: {report}"));
            }

            return faults;
        }
    }

    private sealed class BadGenerator(string text) : IIncrementalGenerator
    {
        public void Initialize(IncrementalGeneratorInitializationContext context) =>
            context.RegisterSourceOutput(context.CompilationProvider, (output, _) =>
            output.AddSource("Bad.g.cs", text switch
            {
                "throw" => throw new InvalidOperationException(),
                "long" => new string(' ', 1 << 20),
                _ => text,
            }));
    }
}
