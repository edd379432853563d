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
    /// What is left to the garbage collector is most of what a keystroke costs, and the same on every machine, however busy.
    /// </summary>
    [Fact]
    public void A_keystroke_allocates_little_more_than_to_read_the_types_of_the_fields()
    {
        const double Limit = 1.6;
        LargeProject project = new();
        GeneratorDriver generator = NewDriver(new SharedLayoutGenerator());
        GeneratorDriver reader = NewDriver(new TypeReader());
        double ratio = 0;

        // The first run compiles the code and emits everything.
        for (int run = 0; run < 3; run++)
        {
            (_, long reading) = CostOfKeystroke(project, ref reader);
            (_, long ours) = CostOfKeystroke(project, ref generator);
            ratio = (double)ours / reading;
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{ours / 1_000} kB, to read the types {reading / 1_000} kB: {ratio:F2} times that."));
        }

        Assert.True(ratio <= Limit,
            $"The generator allocates {ratio:F2} times what it takes to read the types of all fields; at most {Limit} times are allowed.");
    }

    /// <summary>
    /// On a machine with little else to do, on request: TYPEDSHM_KEYSTROKES=20. Both generators are warm and run in turn, each after a
    /// keystroke of its own, so that each pays for all symbols that it asks the compiler for. What is compared is the time that the driver
    /// counts as the generator's, less that in which the thread waited for a processor, by the median of the ratios of such pairs.
    /// </summary>
    [Fact]
    public void A_keystroke_costs_little_more_than_to_read_the_types_of_the_fields()
    {
        const double Limit = 1.5;
        const int WarmUp = 10;
        if (!int.TryParse(Environment.GetEnvironmentVariable("TYPEDSHM_KEYSTROKES"), CultureInfo.InvariantCulture, out int keystrokes))
            return;

        LargeProject project = new();
        GeneratorDriver generator = NewDriver(new SharedLayoutGenerator());
        GeneratorDriver reader = NewDriver(new TypeReader());
        List<double> ratios = [];
        for (int run = 0; run < WarmUp + keystrokes; run++)
        {
            // Each goes first in half of the pairs.
            TimeSpan reading = run % 2 == 0 ? CostOfKeystroke(project, ref reader).Time : default;
            TimeSpan ours = CostOfKeystroke(project, ref generator).Time;
            if (run % 2 != 0)
                reading = CostOfKeystroke(project, ref reader).Time;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{ours.TotalMilliseconds:F1} ms, to read the types {reading.TotalMilliseconds:F1} ms: {ours / reading:F2} times that."));
            ratios.Add(ours / reading);
        }

        double median = Median(ratios[WarmUp..]);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Median: {median:F2} times."));
        Assert.True(median <= Limit,
            $"The generator takes {median:F2} times the time it takes to read the types of all fields; at most {Limit} times are allowed.");
    }

    private static (TimeSpan Time, long Allocated) CostOfKeystroke(LargeProject project, ref GeneratorDriver driver)
    {
        CSharpCompilation compilation = project.Type();

        // The garbage of the run before is not this one's.
        GC.Collect();
        TimeSpan waited = Waited();
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        driver = driver.RunGenerators(compilation);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        return (driver.GetTimingInfo().GeneratorTimes.Single().ElapsedTime - (Waited() - waited), allocated);
    }

    // How long this thread has been ready to run and was not run: the second number, in nanoseconds.
    private static TimeSpan Waited() =>
        TimeSpan.FromTicks(long.Parse(
            File.ReadAllText("/proc/thread-self/schedstat").Split(' ')[1], CultureInfo.InvariantCulture) / TimeSpan.NanosecondsPerTick);

    private static CSharpGeneratorDriver NewDriver(IIncrementalGenerator generator) =>
        CSharpGeneratorDriver.Create([generator.AsSourceGenerator()], parseOptions: s_options);

    private static double Median(List<double> ratios)
    {
        ratios.Sort();
        return (ratios[(ratios.Count - 1) / 2] + ratios[ratios.Count / 2]) / 2;
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
