using System.Globalization;
using System.Reflection;
using System.Runtime.Loader;
using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using Microsoft.CodeAnalysis;
using Xunit.Abstractions;

namespace TypedShm.Generator.Tests;

/// <summary>The layout that the generator computes, against the one that the running runtime has chosen, over random structs.</summary>
public sealed partial class OracleTests(ITestOutputHelper output)
{
    // 10,000 takes half a minute: TYPEDSHM_ORACLE_STRUCTS=10000.
    private static readonly int s_wanted =
        int.Parse(Environment.GetEnvironmentVariable("TYPEDSHM_ORACLE_STRUCTS") ?? "500", CultureInfo.InvariantCulture);

    [Fact]
    public void Computed_layouts_are_those_of_the_runtime()
    {
        List<RandomStruct> all = [];
        RandomStructs.Gen.Sample(
            structs =>
            {
                string differences = Differences(structs, structs.Source);
                Assert.True(differences.Length == 0, differences);
                all.AddRange(structs.Structs);
            },
            iter: (s_wanted + 39) / 40,
            threads: 1);

        output.WriteLine($"{all.Count} structs, all as computed. Among them:");
        Report("nested two deep or more", static one => one.Depth > 1);
        Report("nested three deep or more", static one => one.Depth > 2);
        Report("with Pack", static one => one.IsPacked);
        Report("explicit", static one => one.IsExplicit);
        Report("with inline arrays", static one => one.HasArray);
        Report("with fixed buffers", static one => one.HasFixedBuffer);
        Report("with Int128", static one => one.HasInt128);

        void Report(string what, Func<RandomStruct, bool> isOne)
        {
            double share = 100.0 * all.Count(isOne) / all.Count;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{share,5:F1}% {what}"));
            Assert.True(share >= 5, $"Only {share:F1}% of the structs are {what}, so the test says little of those.");
        }
    }

    /// <summary>The negative control: the same comparison, with a calculator that is not told of Pack.</summary>
    [Fact]
    public void A_calculator_that_ignores_Pack_is_found_out()
    {
        int found = 0;
        RandomStructs.Gen.Sample(structs => found += Differences(structs, Pack().Replace(structs.Source, "")).Length > 0 ? 1 : 0,
            iter: 2, threads: 1, seed: "0000KOIPe036");
        Assert.Equal(2, found);
    }

    // The layouts are computed from one source and measured in the program made of another; they differ only in the control.
    private static string Differences(RandomStructs structs, string sourceForGenerator)
    {
        Compilation computed = new TestProject(sourceForGenerator) { AllowUnsafe = true }.Compile();
        Assembly program = Load(new TestProject(structs.Source) { AllowUnsafe = true }.Compile());
        StringBuilder differences = new();
        foreach (RandomStruct one in structs.Structs)
        {
            List<Diagnostic> problems = [];
            LayoutSpec? layout = StructParser.Parse(computed.GetTypeByMetadataName(one.Name)!, problems, CancellationToken.None);
            Assert.True(layout is not null, $"{string.Join('\n', problems)}\n{one.Declaration}");
            string expected = Describe(Measure<int>("Size"), Measure<int>("Alignment"), Measure<int[]>("Offsets"));
            string actual = Describe(layout.Size, layout.Alignment, layout.Fields.Select(static field => field.Offset));
            if (expected != actual)
                differences.Append(CultureInfo.InvariantCulture, $"{one.Name}: computed {actual}, is {expected}\n{one.Declaration}\n");

            // What the generator says of it, the runtime reads back, to the same fingerprint.
            LayoutDescriptor read = LayoutDescriptor.Parse(Encoding.UTF8.GetBytes(LayoutText.Json(layout)));
            Assert.Equal((layout.Size, layout.Alignment, LayoutText.Fingerprint(layout)), (read.Size, read.Alignment, read.Fingerprint));
            Assert.Equal(layout.Fields.Select(static field => field.Offset), read.Fields.Select(static field => field.Offset));

            T Measure<T>(string what) => (T)program.GetType($"Measure{one.Name}")!.GetMethod(what)!.Invoke(null, null)!;
        }

        return differences.ToString();
    }

    private static string Describe(int size, int alignment, IEnumerable<int> offsets) =>
        $"size {size}, alignment {alignment}, offsets {string.Join(' ', offsets)}";

    private static Assembly Load(Compilation compilation)
    {
        using MemoryStream image = new();
        Diagnostic[] errors =
            [.. compilation.Emit(image).Diagnostics.Where(static diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)];
        Assert.True(errors.Length == 0, string.Join('\n', errors.AsEnumerable()));
        image.Position = 0;
        return new AssemblyLoadContext(null, isCollectible: true).LoadFromStream(image);
    }

    [GeneratedRegex(@", Pack = \d+")]
    private static partial Regex Pack();
}
