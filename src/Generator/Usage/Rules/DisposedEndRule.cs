using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0115: a method is called of what has been disposed on every path that leads there.</summary>
internal sealed class DisposedEndRule(Action<Diagnostic> report) : FlowRule(report)
{
    internal static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0115",
        title: "A method is called of what was disposed",
        messageFormat: "'{0}' was disposed before, so that '{1}' throws: call it before '{0}' is disposed",
        category: RuleCategories.Concurrency,
        defaultSeverity: DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "An end that was disposed throws ObjectDisposedException; a claim, lease or held message belongs to somebody else "
            + "by then.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0115.md");

    // An end may still be completed, which then does nothing. What leads into memory is said by the rule on views.
    public override void Called(Origin origin, IMethodSymbol method, IOperation place, FlowState state)
    {
        Life life = state[origin];
        if (life.IsGone() && (life & Life.Published) == 0
            && method.Name is not ("Complete" or "TryComplete" or "ToString" or "Equals" or "GetHashCode")
            && !method.ReturnsByRef && !method.ReturnsByRefReadonly
                && (!method.ReturnType.IsRefLikeType || SharedTypes.IsFollowed(method.ReturnType)))
        {
            Report(Descriptor, place.Syntax.GetLocation(), origin.Name, method.Name);
        }
    }
}
