using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace TypedShm.Generator;

/// <summary>TSHM0117: a writer is asked for something while a claim of it is open on every path that leads there.</summary>
internal sealed class SecondClaimRule(Action<Diagnostic> report) : FlowRule(report)
{
    internal static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0117",
        title: "A writer has one open claim at a time",
        messageFormat: "'{0}' is called while the claim '{1}' is open, so that it throws or never returns: commit or dispose '{1}' first",
        category: RuleCategories.Concurrency,
        defaultSeverity: DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "A writer fills one slot at a time. While a claim is open, another claim, a write or the end of the channel is "
            + "refused; a client of calls waits for itself.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0117.md");

    private static readonly HashSet<string> s_refused =
    [
        "Claim", "TryClaim", "ClaimBatch", "TryClaimBatch", "Write", "TryWrite", "WriteAsync", "TryWriteAsync", "WriteBatch",
        "TryWriteBatch", "WriteBatchAsync", "TryWriteBatchAsync", "Update", "Replace", "Call", "Complete",
    ];

    public override void Called(Origin origin, IMethodSymbol method, IOperation place, FlowState state)
    {
        if (!s_refused.Contains(method.Name) || !SharedTypes.IsChannel(origin.Type))
            return;
        foreach (Origin claim in state.Origins)
        {
            if (claim.Owner == origin && claim.Site != place && SharedTypes.IsClaim(claim.Type) && state[claim].IsSurelyOpen()
                && IsOfSameElement(claim.Site, place))
            {
                Report(Descriptor, place.Syntax.GetLocation(), $"{origin.Name}.{method.Name}", claim.Name);
                return;
            }
        }
    }

    // Elements of a table are claimed each by itself.
    private static bool IsOfSameElement(IOperation? claim, IOperation place) => (Index(claim), Index(place)) switch
    {
        (null, null) => true,
        ({ } first, { } second) => first.ConstantValue is { HasValue: true } constant && second.ConstantValue is { HasValue: true } other
            && Equals(constant.Value, other.Value),
        _ => false,
    };

    private static IOperation? Index(IOperation? call) =>
        call is IInvocationOperation { Arguments: [{ Parameter: { Name: "index" }, Value: var index }, ..] } ? index : null;
}
