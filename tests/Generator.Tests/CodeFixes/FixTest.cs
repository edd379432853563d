using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Testing;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Testing;
using TypedShm.CodeFixes;

namespace TypedShm.Generator.Tests;

/// <summary>
/// Before and after of a code fix: marks like <c>{|TSHM0001:…|}</c> before, and after it code that compiles and fires nothing, whether
/// the reports are fixed one by one or all at once.
/// </summary>
internal static class FixTest
{
    /// <summary>Every code fix that the package brings.</summary>
    public static ImmutableArray<CodeFixProvider> All { get; } =
    [
        .. typeof(MakePartialFix).Assembly.GetTypes()
            .Where(static type => type.IsSubclassOf(typeof(CodeFixProvider)) && !type.IsAbstract)
            .Select(static type => (CodeFixProvider)Activator.CreateInstance(type)!),
    ];

    /// <param name="before">The source with marks.</param>
    /// <param name="after">The source that the fix makes of it.</param>
    /// <param name="action">Which of several fixes, by its key; the only one if it is null.</param>
    public static Task Check<TFix>(string before, string after, string? action = null)
        where TFix : CodeFixProvider, new() => Check<TFix>([before], [after], action);

    /// <summary>As the other, with several files.</summary>
    public static async Task Check<TFix>(string[] before, string[] after, string? action = null)
        where TFix : CodeFixProvider, new()
    {
        Test<TFix> test = new() { CodeActionEquivalenceKey = action };
        foreach (string source in before)
            test.TestState.Sources.Add(source);
        foreach (string source in after)
            test.FixedState.Sources.Add(source);
        await test.RunAsync();
    }

    private sealed class Test<TFix> : CSharpCodeFixTest<EmptyDiagnosticAnalyzer, TFix, DefaultVerifier>
        where TFix : CodeFixProvider, new()
    {
        public Test()
        {
            // A name only: the references are given below, so nothing is downloaded.
            ReferenceAssemblies = new ReferenceAssemblies("net10.0");
            TestBehaviors |= TestBehaviors.SkipGeneratedSourcesCheck;
            SolutionTransforms.Add(static (solution, id) => solution
                .WithProjectMetadataReferences(id, new TestProject().Compile().References)
                .AddAnalyzerReference(id, new GeneratorReference())
                .WithProjectParseOptions(id, new CSharpParseOptions(LanguageVersion.CSharp14))
                .WithProjectCompilationOptions(id, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true,
                    nullableContextOptions: NullableContextOptions.Enable)));
        }

        protected override IEnumerable<DiagnosticAnalyzer> GetDiagnosticAnalyzers() =>
            Analysis.Own.Where(static analyzer => analyzer is not DiagnosticSuppressor);
    }

    /// <summary>The generator as a reference of the project, as in an editor: so a code fix sees what it generates, too.</summary>
    private sealed class GeneratorReference : AnalyzerReference
    {
        // The workspace knows a generator by its object, so it has to be given the same one every time.
        private static readonly ImmutableArray<ISourceGenerator> s_generators = [new SharedLayoutGenerator().AsSourceGenerator()];

        public override string? FullPath => null;

        public override object Id => typeof(SharedLayoutGenerator);

        public override ImmutableArray<DiagnosticAnalyzer> GetAnalyzers(string language) => [];

        public override ImmutableArray<DiagnosticAnalyzer> GetAnalyzersForAllLanguages() => [];

        public override ImmutableArray<ISourceGenerator> GetGenerators(string language) => s_generators;
    }
}
