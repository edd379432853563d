using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace TypedShm.Generator.Tests;

/// <summary>The generator, run once over a project.</summary>
internal sealed record GeneratorRun(CSharpGeneratorDriver Driver, Compilation Output)
{
    public GeneratorRunResult Result => Driver.GetRunResult().Results.Single();

    public ImmutableArray<GeneratedSourceResult> Files => Result.GeneratedSources;

    public static GeneratorRun Of(TestProject project) => Of(project.Compile(), project.ParseOptions);

    public static GeneratorRun Of(Compilation compilation, CSharpParseOptions options) =>
        NewDriver(options, new SharedLayoutGenerator()).RunOn(compilation);

    /// <param name="options">How the project is parsed.</param>
    /// <param name="generator">What is run.</param>
    /// <param name="tracksSteps">
    /// Whether it is said what was run again. An editor does not ask for it, and the driver of Roslyn 5.0 that does loses a file now and
    /// then: of two values that are combined with all of them, the second one goes in the run after that in which the first one went.
    /// </param>
    public static CSharpGeneratorDriver NewDriver(CSharpParseOptions options, IIncrementalGenerator generator, bool tracksSteps = true) =>
        CSharpGeneratorDriver.Create(
        [generator.AsSourceGenerator()],
        parseOptions: options,
        driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, tracksSteps));

    /// <summary>Runs the same driver again, as an editor does after a change.</summary>
    public GeneratorRun Again(Compilation compilation) => Driver.RunOn(compilation);

    /// <summary>Compiles everything.</summary>
    public MemoryStream Emit()
    {
        MemoryStream image = new();
        ImmutableArray<Diagnostic> errors =
            [.. Output.Emit(image).Diagnostics.Where(static diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)];
        Assert.True(errors.IsEmpty, string.Join('\n', errors));
        image.Position = 0;
        return image;
    }
}

internal static class GeneratorDriverExtensions
{
    public static GeneratorRun RunOn(this CSharpGeneratorDriver driver, Compilation compilation)
    {
        CSharpGeneratorDriver after = (CSharpGeneratorDriver)driver.RunGeneratorsAndUpdateCompilation(compilation,
            out Compilation output, out ImmutableArray<Diagnostic> diagnostics);
        // An exception in the generator becomes a warning, which would be easy to miss.
        Assert.Empty(diagnostics);
        return new GeneratorRun(after, output);
    }
}
