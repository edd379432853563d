using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace TypedShm.Generator;

/// <summary>TSHM0108: a channel is made, goes nowhere else, and is disposed on no path or not on one of the ways out.</summary>
internal sealed class NeverDisposedRule(Action<Diagnostic> report) : LeftOpenRule(report)
{
    internal static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0108",
        title: "A channel is never disposed",
        messageFormat: "{0} is {1}, so its memory, its descriptors and its name stay taken until the process ends: declare it with 'using'",
        category: RuleCategories.Concurrency,
        defaultSeverity: DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "No finalizer gives shared memory back, since a view could still be in use.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0108.md");

    protected override bool Concerns(Origin origin) => SharedTypes.IsChannel(origin.Type);

    protected override bool IsFinished(Origin origin) => origin.IsDisposed;

    protected override void Report(Origin origin, string how) => Report(Descriptor, origin.Location,
        origin.Holder is { } local ? $"'{local.Name}'" : $"What '{MadeBy(origin)}' returns",
        string.Format(CultureInfo.InvariantCulture, how, "disposed"));

    private static string MadeBy(Origin end)
    {
        IMethodSymbol method = ((IInvocationOperation)end.Site!).TargetMethod;
        return $"{method.ContainingType.Name}.{method.Name}";
    }
}
