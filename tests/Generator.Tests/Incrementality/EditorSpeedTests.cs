using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit.Abstractions;

namespace TypedShm.Generator.Tests;

/// <summary>Nothing else runs while times are compared.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class OnItsOwn
{
    public const string Name = "on its own";
}

/// <summary>
/// What a keystroke costs in a large project. The first step has to look at every struct again, since what a field's type means may be what
/// changed, so its cost is measured against a generator that looks at the type of every field too and does nothing.
/// </summary>
[Collection(OnItsOwn.Name)]
public sealed class EditorSpeedTests(ITestOutputHelper output)
{
    private const int Runs = 20;
    private const double Limit = 1.25;
    private const int Attempts = 12;

    private static readonly CSharpParseOptions s_options = new TestProject().ParseOptions;

    [Fact]
    public void A_keystroke_in_an_unrelated_file_emits_nothing()
    {
        LargeProject project = new();
        GeneratorRun run = GeneratorRun.Of(project.Type(), s_options);
        Assert.Equal(LargeProject.Structs, run.Files.Length);
        run = run.Again(project.Type());

        string[] reasons = [.. Enumerable.Repeat("Unchanged", LargeProject.Structs)];
        string cached = string.Join(' ', reasons.Select(static _ => "Cached"));
        Assert.Equal(new RunReasons(string.Join(' ', reasons), cached, cached), RunReasons.Of(run));
    }

    /// <summary>
    /// Both generators are warm and run in turn, each after a keystroke of its own, so that each pays for all symbols that it asks the
    /// compiler for. What is compared is the median of the time that the driver counts as the generator's, less that in which the thread
    /// waited for a processor. As others may use the machine, one attempt has to be within the limit.
    /// </summary>
    [Fact]
    public void A_keystroke_costs_little_more_than_to_read_the_types_of_the_fields()
    {
        LargeProject project = new();
        GeneratorDriver generator = NewDriver(new SharedLayoutGenerator());
        GeneratorDriver reader = NewDriver(new TypeReader());
        double best = double.MaxValue;
        for (int attempt = 0; attempt < Attempts && best > Limit; attempt++)
        {
            (TimeSpan ours, TimeSpan reading) = Medians(project, ref generator, ref reader);
            best = Math.Min(best, ours / reading);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{ours.TotalMilliseconds:F1} ms, to read the types {reading.TotalMilliseconds:F1} ms: {ours / reading:F2} times that."));
        }

        Assert.True(best <= Limit, $"The generator takes {best:F2} times the time it takes to read the types of all fields; at most {Limit} times are allowed.");
    }

    private static (TimeSpan Ours, TimeSpan Reading) Medians(LargeProject project, ref GeneratorDriver generator, ref GeneratorDriver reader)
    {
        const int WarmUp = 10;
        List<TimeSpan> ours = [];
        List<TimeSpan> reading = [];
        for (int run = 0; run < WarmUp + Runs; run++)
        {
            ours.Add(TimeOfKeystroke(project, ref generator));
            reading.Add(TimeOfKeystroke(project, ref reader));
        }

        return (Median(ours[WarmUp..]), Median(reading[WarmUp..]));
    }

    private static TimeSpan TimeOfKeystroke(LargeProject project, ref GeneratorDriver driver)
    {
        CSharpCompilation compilation = project.Type();

        // The garbage of the run before is not this one's.
        GC.Collect();
        TimeSpan before = Waited();
        driver = driver.RunGenerators(compilation);
        return driver.GetTimingInfo().GeneratorTimes.Single().ElapsedTime - (Waited() - before);
    }

    // How long this thread has been ready to run and was not run: the second number, in nanoseconds.
    private static TimeSpan Waited() =>
        TimeSpan.FromTicks(long.Parse(File.ReadAllText("/proc/thread-self/schedstat").Split(' ')[1], CultureInfo.InvariantCulture) / TimeSpan.NanosecondsPerTick);

    private static CSharpGeneratorDriver NewDriver(IIncrementalGenerator generator) => CSharpGeneratorDriver.Create([generator.AsSourceGenerator()], parseOptions: s_options);

    private static TimeSpan Median(List<TimeSpan> times)
    {
        times.Sort();
        return (times[(times.Count - 1) / 2] + times[times.Count / 2]) / 2;
    }

    /// <summary>Finds the same structs, looks at the type of every field, and adds nothing.</summary>
    private sealed class TypeReader : IIncrementalGenerator
    {
        public void Initialize(IncrementalGeneratorInitializationContext context) => context.RegisterSourceOutput(
            context.SyntaxProvider.ForAttributeWithMetadataName(
                MetadataNames.SharedLayout,
                static (node, _) => node is TypeDeclarationSyntax,
                static (found, _) => Read((INamedTypeSymbol)found.TargetSymbol)),
            static (_, fields) => Assert.Equal(LargeProject.Fields, fields));

        private static int Read(INamedTypeSymbol type)
        {
            int fields = 0;
            foreach (ISymbol member in type.GetMembers())
            {
                if (member is IFieldSymbol { Type: { TypeKind: not TypeKind.Error } or { SpecialType: not SpecialType.None } })
                    fields++;
            }

            return fields;
        }
    }
}
