using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace TypedShm.Generator;

/// <summary>TSHM0108: a channel is made, goes nowhere else, and is disposed on no path.</summary>
internal sealed class NeverDisposedRule(Action<Diagnostic> report) : FlowRule(report)
{
    internal static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0108",
        title: "A channel is never disposed",
        messageFormat: "{0} is never disposed, so its memory, its descriptors and its name stay taken until the process ends: declare "
            + "it with 'using'",
        category: RuleCategories.Concurrency,
        defaultSeverity: DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "No finalizer gives shared memory back, since a view could still be in use.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0108.md");

    public override void Completed(IFollowedMethod method)
    {
        foreach (Origin end in method.Made.Where(static origin => SharedTypes.IsChannel(origin.Type)
            && origin is { IsDisposed: false, HasEscaped: false }))
            Report(Descriptor, end.Location, end.Holder is { } local ? $"'{local.Name}'" : $"What '{MadeBy(end)}' returns");
    }

    private static string MadeBy(Origin end)
    {
        IMethodSymbol method = ((IInvocationOperation)end.Site!).TargetMethod;
        return $"{method.ContainingType.Name}.{method.Name}";
    }
}
