using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace TypedShm.Generator.Tests;

/// <summary>What <c>AnalysisLevel latest-all</c> says of a shared struct and of what is generated for it: nothing.</summary>
public class SuppressorTests
{
    private const string Fields = """
        {
            /// <summary>Counts the samples.</summary>
            public long Tick;
            /// <summary>Revolutions per minute.</summary>
            public double Rpm;
            /// <summary>Where it is.</summary>
            public Vector3 Position;
            /// <summary>How many.</summary>
            [Atomic] public int Faults;
            /// <summary>Of what.</summary>
            public Text32 Unit;
            private int _reserved;
            internal readonly int Fixed;
        }
        """;

    [Fact]
    public async Task Analyzers_are_silent_on_a_shared_struct() =>
        Assert.Empty(await WarningsOf("[SharedLayout] public partial struct Telemetry"));

    [Fact]
    public async Task Analyzers_are_not_silent_on_the_same_struct_without_the_mark() =>
        Assert.Equal(["CA1051", "CA1815", "CA1823", "CS0169", "CS0649"],
            (await WarningsOf("public partial struct Telemetry")).Select(static diagnostic => diagnostic.Id).Distinct().Order());

    private static async Task<ImmutableArray<Diagnostic>> WarningsOf(string declaration)
    {
        GeneratorRun run = GeneratorRun.Of(new TestProject($$"""
            using System;
            using System.Numerics;
            using System.Reflection;
            using System.Runtime.InteropServices;
            using TypedShm;

            [assembly: CLSCompliant(false)]
            [assembly: ComVisible(false)]
            [assembly: AssemblyVersion("1.0.0.0")]

            namespace Acme;

            /// <summary>What the engine does.</summary>
            {{declaration}}
            {{Fields}}
            """) { DocumentationFile = true, Severities = NetAnalyzers.LatestAll });
        return await Analysis.DiagnosticsOf(run.Output, [.. Analysis.Own, .. NetAnalyzers.All]);
    }
}
