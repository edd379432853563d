using System.Globalization;
using System.Runtime;
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
/// What a keystroke costs in a large project. If it declares nothing, the generator is measured against one that finds the same structs and
/// does nothing. If it does, every struct has to be looked at again, since what a field's type means may be what changed; then against one
/// that looks at the type of every field too.
/// </summary>
[Collection(OnItsOwn.Name)]
public sealed class EditorSpeedTests(ITestOutputHelper output)
{
    private static readonly CSharpParseOptions s_options = new TestProject().ParseOptions;

    [Theory]
    [InlineData(Keystroke.InBody)]
    [InlineData(Keystroke.InDeclaration)]
    public void A_keystroke_in_an_unrelated_file_emits_nothing(Keystroke where)
    {
        LargeProject project = new();
        GeneratorRun run = GeneratorRun.Of(project.Type(where), s_options);
        Assert.Equal(LargeProject.Structs, run.Files.Length);
        run = run.Again(project.Type(where));

        string[] reasons = [.. Enumerable.Repeat("Unchanged", LargeProject.Structs)];
        string cached = string.Join(' ', reasons.Select(static _ => "Cached"));
        Assert.Equal(new RunReasons(string.Join(' ', reasons), cached, cached), RunReasons.Of(run));
    }

    /// <summary>
    /// What is left to the garbage collector is most of what a keystroke costs, and the same on every machine, however busy.
    /// </summary>
    [Theory]
    [InlineData(Keystroke.InBody, 1.1)]
    [InlineData(Keystroke.InDeclaration, 1.2)]
    public void A_keystroke_allocates_little_more_than_another_generator_does(Keystroke where, double limit)
    {
        LargeProject project = new();
        GeneratorDriver generator = NewDriver(new SharedLayoutGenerator());
        GeneratorDriver other = NewDriver(Yardstick(where));
        double ratio = 0;

        // The first run compiles the code and emits everything.
        for (int run = 0; run < 3; run++)
        {
            (_, long others) = CostOfKeystroke(project.Type(where), ref other);
            (_, long ours) = CostOfKeystroke(project.Type(where), ref generator);
            ratio = (double)ours / others;
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{ours / 1_000} kB, the other {others / 1_000} kB: {ratio:F2} times that."));
        }

        Assert.True(ratio <= limit, $"The generator allocates {ratio:F2} times what the other does; at most {limit} times are allowed.");
    }

    /// <summary>
    /// On request: TYPEDSHM_KEYSTROKES=20. Both generators are warm and run in turn, each after a keystroke of its own, so that each pays
    /// for all symbols that it asks the compiler for. What is compared is the processor time of the thread, by the median of the ratios of
    /// such pairs. After a declaration the other generator looks at types and keeps nothing, while ours compares them with what they
    /// meant, and describes the structs again that contain others. No garbage is collected meanwhile: collections come in steps, here three
    /// against two, where a tenth more is allocated.
    /// </summary>
    [Theory]
    [InlineData(Keystroke.InBody, 1.25)]
    [InlineData(Keystroke.InDeclaration, 1.25)]
    public void A_keystroke_takes_little_longer_than_another_generator_does(Keystroke where, double limit)
    {
        const int WarmUp = 10;
        if (!int.TryParse(Environment.GetEnvironmentVariable("TYPEDSHM_KEYSTROKES"), CultureInfo.InvariantCulture, out int keystrokes))
            return;

        LargeProject project = new();
        GeneratorDriver generator = NewDriver(new SharedLayoutGenerator());
        GeneratorDriver other = NewDriver(Yardstick(where));
        List<double> ratios = [];
        for (int run = 0; run < WarmUp + keystrokes; run++)
        {
            // Each goes first in half of the pairs.
            TimeSpan others = run % 2 == 0 ? CostOfKeystroke(project.Type(where), ref other).Time : default;
            TimeSpan ours = CostOfKeystroke(project.Type(where), ref generator).Time;
            if (run % 2 != 0)
                others = CostOfKeystroke(project.Type(where), ref other).Time;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{ours.TotalMilliseconds:F1} ms, the other {others.TotalMilliseconds:F1} ms: {ours / others:F2} times that."));
            ratios.Add(ours / others);
        }

        double median = Median(ratios[WarmUp..]);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Median: {median:F2} times."));
        Assert.True(median <= limit,
            $"The generator takes {median:F2} times the time that the other does; at most {limit} times are allowed.");
    }

    private static (TimeSpan Time, long Allocated) CostOfKeystroke(CSharpCompilation compilation, ref GeneratorDriver driver)
    {
        const long MoreThanAKeystroke = 100_000_000;
        GC.Collect();
        GC.TryStartNoGCRegion(MoreThanAKeystroke);
        TimeSpan begin = ThreadTime.Now();
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        driver = driver.RunGenerators(compilation);
        (TimeSpan Time, long Allocated) cost = (ThreadTime.Now() - begin, GC.GetAllocatedBytesForCurrentThread() - allocated);

        // The first run allocates more, and has ended it.
        if (GCSettings.LatencyMode == GCLatencyMode.NoGCRegion)
            GC.EndNoGCRegion();
        return cost;
    }

    private static CSharpGeneratorDriver NewDriver(IIncrementalGenerator generator) =>
        CSharpGeneratorDriver.Create([generator.AsSourceGenerator()], parseOptions: s_options);

    private static double Median(List<double> ratios)
    {
        ratios.Sort();
        return (ratios[(ratios.Count - 1) / 2] + ratios[ratios.Count / 2]) / 2;
    }

    private static TypeReader Yardstick(Keystroke where) => new(readsFields: where == Keystroke.InDeclaration);

    /// <summary>Finds the same structs, looks at the type of every field if it is to, and adds nothing.</summary>
    private sealed class TypeReader(bool readsFields) : IIncrementalGenerator
    {
        public void Initialize(IncrementalGeneratorInitializationContext context) => context.RegisterSourceOutput(
            context.SyntaxProvider.ForAttributeWithMetadataName(
                MetadataNames.SharedLayout,
                static (node, _) => node is TypeDeclarationSyntax,
                (found, _) => readsFields ? Read((INamedTypeSymbol)found.TargetSymbol) : LargeProject.Fields),
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
