using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0114: a claim, or a view of it, is used when it has been published on every path that leads there.</summary>
internal sealed class UseAfterCommitRule(Action<Diagnostic> report) : FlowRule(report)
{
    internal static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0114",
        title: "A claim is used after it was published",
        messageFormat: "'{0}' is used after '{1}.{2}' has published the message, which is the reader's from then on: fill it in before",
        category: RuleCategories.Concurrency,
        defaultSeverity: DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "After Commit or Call a claim's own members throw, and a view that was taken before writes into a message that "
            + "others read, or into the next one.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0114.md");

    public override void Entered(Origin origin, IOperation place, FlowState state) => Check(origin, place, state);

    public override void Called(Origin origin, IMethodSymbol method, IOperation place, FlowState state)
    {
        if (SharedTypes.IsClaim(origin.Type) && !method.ReturnType.IsRefLikeType
            || SharedTypes.Publishes(method, origin.Type))
            Check(origin, place, state);
    }

    public override void Mentioned(Value value, IOperation place, FlowState state)
    {
        if (value.Single(Link.Inside) is { } origin)
            Check(origin, place, state);
    }

    private void Check(Origin origin, IOperation place, FlowState state)
    {
        Life life = state[origin];
        if (life.IsGone() && life.HasFlag(Life.Published))
            Report(Descriptor, place.Syntax.GetLocation(), place.Syntax.ToString(), origin.Name,
                SharedTypes.PublishingMethod(origin.Type) ?? "Commit");
    }
}
