using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0112: a claim is published on no path, or is still open where the method returns.</summary>
internal sealed class LostClaimRule(Action<Diagnostic> report) : FlowRule(report)
{
    internal static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0112",
        title: "A claim is never committed",
        messageFormat: "'{0}' is {2}, so nobody ever sees what is written to it: call '{0}.{1}()', or '{0}.Dispose()' to give it up",
        category: RuleCategories.Concurrency,
        defaultSeverity: DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "A claimed slot is published by Commit alone, that of a call by Call. While a claim is open its writer can write "
            + "nothing else.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0112.md");

    private readonly HashSet<Origin> _leftOpen = [];

    // Only where every path to this very return leaves it open: what is done on some paths may hang together with what else they do.
    public override void Exited(FlowState state) =>
        _leftOpen.UnionWith(state.Origins.Where(origin => origin.IsMadeHere && SharedTypes.IsClaim(origin.Type)
            && state[origin].IsSurelyOpen()));

    public override void Completed(IFollowedMethod method)
    {
        foreach (Origin claim in method.Made.Where(static origin => SharedTypes.IsClaim(origin.Type) && !origin.HasEscaped))
        {
            bool isNever = claim is { IsPublished: false, IsGivenUp: false };
            if (isNever || _leftOpen.Contains(claim))
                Report(Descriptor, claim.Location, claim.Name, SharedTypes.PublishingMethod(claim.Type)!, isNever
                    ? "never committed"
                    : "not committed on one of the ways out");
        }
    }
}
