using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace TypedShm.Generator.Tests;

/// <summary>What views have if the project asks for it by the property TypedShmViewExtras.</summary>
public sealed class ViewExtrasTests
{
    private const string Source = """
        using TypedShm;

        [SharedLayout]
        public partial struct Gate
        {
            public int Ready;
            [Atomic] public int Turn;
        }

        public static class Program
        {
            public static int Sum(SharedStructWriter<Gate> writer, SharedStructReader<Gate> reader)
            {
                Gate.SharedView view = writer;
                Gate.ReadOnlySharedView first = writer;
                Gate.ReadOnlySharedView second = reader;
                return view.Ready + first.Ready + second.Ready;
            }

            public static Gate Expand(int ready)
            {
                Gate gate = new() { Ready = ready };
                return new SharedViewDebugView<Gate.SharedView, Gate>(new Gate.SharedView(ref gate)).Value;
            }
        }
        """;

    [Fact]
    public void An_end_converts_to_its_view_and_a_debugger_expands_a_view_to_a_copy()
    {
        Assembly assembly = Assembly.Load(Run(new Options("TypedShmViewExtras")).Emit().ToArray());
        Type gate = assembly.GetType("Gate")!;
        object copy = assembly.GetType("Program")!.GetMethod("Expand")!.Invoke(null, [7])!;
        Assert.Equal(7, gate.GetField("Ready")!.GetValue(copy));
        foreach (string name in new[] { "SharedView", "ReadOnlySharedView" })
        {
            Type view = gate.GetNestedType(name)!;
            Assert.Equal(typeof(SharedViewDebugView<,>).MakeGenericType(view, gate).AssemblyQualifiedName,
                view.GetCustomAttribute<DebuggerTypeProxyAttribute>()!.ProxyTypeName);
        }
    }

    [Fact]
    public void Neither_is_there_if_it_is_not_asked_for() =>
        Assert.Equal(["CS0029", "CS0029", "CS0029"], Run(new Options("")).Output.GetDiagnostics()
            .Where(static report => report.Severity == DiagnosticSeverity.Error).Select(static report => report.Id));

    private static GeneratorRun Run(Options options)
    {
        TestProject project = new(Source);
        return CSharpGeneratorDriver.Create(
            [new SharedLayoutGenerator().AsSourceGenerator()], parseOptions: project.ParseOptions, optionsProvider: options)
            .RunOn(project.Compile());
    }

    private sealed class Options(string property) : AnalyzerConfigOptionsProvider
    {
        public override AnalyzerConfigOptions GlobalOptions { get; } = new On($"build_property.{property}");

        public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => GlobalOptions;

        public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => GlobalOptions;
    }

    private sealed class On(string name) : AnalyzerConfigOptions
    {
        public override bool TryGetValue(string key, [NotNullWhen(true)] out string? value)
        {
            value = key == name ? "true" : null;
            return value is not null;
        }
    }
}
