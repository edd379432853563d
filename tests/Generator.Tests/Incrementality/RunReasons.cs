using Microsoft.CodeAnalysis;

namespace TypedShm.Generator.Tests;

/// <summary>Why each step of the generator ran, or did not, after an edit: the reasons of its outputs, in order.</summary>
internal sealed record RunReasons(string Parse, string Layout, string Output)
{
    public static RunReasons Of(GeneratorRun run) => new(
        Join(run.Result.TrackedSteps[TrackingNames.Parse]),
        Join(run.Result.TrackedSteps[TrackingNames.Layout]),
        Join(run.Result.TrackedOutputSteps.SelectMany(static step => step.Value)));

    private static string Join(IEnumerable<IncrementalGeneratorRunStep> steps) =>
        string.Join(' ', steps.SelectMany(static step => step.Outputs).Select(static output => output.Reason).Order());
}
