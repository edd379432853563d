using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Xunit.Abstractions;

namespace TypedShm.Generator.Tests;

/// <summary>
/// Source as it is in the middle of typing: every token of correct sources is removed, doubled, and replaced by another. The generator
/// and the analyzers never throw, generate no more than in proportion to what is there, and leave nothing to be reported in generated
/// code as long as the compiler finds no error in the source itself. On request as many states more, of several mutations each, as
/// TYPEDSHM_MUTATIONS says.
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
        _ = int.TryParse(Environment.GetEnvironmentVariable("TYPEDSHM_MUTATIONS"), CultureInfo.InvariantCulture, out int more);
        Parallel.ForEach(MutationSources.All, source =>
        {
            State state = new(source);
            Assert.Empty(state.FaultsOf(source));
            foreach (string mutated in Mutations(source).Concat(RandomMutations(source, more / MutationSources.All.Length)))
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

    // The same ones in every run.
    private static IEnumerable<string> RandomMutations(string source, int count)
    {
        const int MostAtOnce = 4;
        Random random = new(source.Length);
        for (int i = 0; i < count; i++)
        {
            string mutated = source;
            for (int left = random.Next(2, MostAtOnce + 1); left > 0; left--)
                mutated = Mutate(mutated, random);
            yield return mutated;
        }
    }

    private static string Mutate(string source, Random random)
    {
        SyntaxToken[] tokens = [.. CSharpSyntaxTree.ParseText(source).GetRoot().DescendantTokens()
            .Where(static token => token.Span.Length > 0)];
        SyntaxToken token = tokens[random.Next(tokens.Length)];
        (string before, string text, string after) = (source[..token.SpanStart], token.Text, source[token.Span.End..]);
        return random.Next(4) switch
        {
            0 => before + after,
            1 => $"{before}{text} {text}{after}",
            2 => $"{before}{s_replacements[random.Next(s_replacements.Length)]}{after}",

            // One of its own, wherever it stands.
            _ => $"{before}{tokens[random.Next(tokens.Length)].Text}{after}",
        };
    }

    /// <summary>One project, so that references and the symbols in them are shared by all that it becomes.</summary>
    private sealed class State
    {
        private readonly CSharpParseOptions _options;
        private readonly CSharpCompilation _project;
        private readonly bool _isOurs;
        private GeneratorDriver _driver;

        public State(string source, IIncrementalGenerator? generator = null)
        {
            TestProject project = new(source) { AllowUnsafe = true, ImplicitUsings = true };
            _options = project.ParseOptions;
            _project = project.Compile();
            _isOurs = generator is null;
            _driver = NewDriver(generator ?? new SharedLayoutGenerator());
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

            // What is remembered of the state before must not be seen.
            if (_isOurs && !Texts(result).SequenceEqual(Texts(
                NewDriver(new SharedLayoutGenerator()).RunGenerators(compilation).GetRunResult().Results.Single())))
                return ["It is generated otherwise than from the same source at first."];

            ImmutableArray<SyntaxTree> added = [.. result.GeneratedSources.Select(static file => file.SyntaxTree)];
            return AnalyzerFaults(compilation.AddSyntaxTrees(added), [.. added]);
        }

        private CSharpGeneratorDriver NewDriver(IIncrementalGenerator generator) =>
            CSharpGeneratorDriver.Create([generator.AsSourceGenerator()], parseOptions: _options);

        private static IEnumerable<(string Name, string Text)> Texts(GeneratorRunResult result) =>
            result.GeneratedSources.Select(static file => (file.HintName, file.SourceText.ToString()));

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
