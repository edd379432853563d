using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0107: shared memory is used when it has been given back on every path that leads there.</summary>
internal sealed class UseAfterDisposeRule(Action<Diagnostic> report) : FlowRule(report)
{
    internal static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0107",
        title: "A view is used after its memory was given back",
        messageFormat: "'{0}' refers to the memory of '{1}', which was disposed before: use it before '{1}' is disposed",
        category: RuleCategories.Concurrency,
        defaultSeverity: DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "After Dispose a view or reference reads zeros, or a message that came later, and what is written through it is lost.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0107.md");

    public override void Entered(Origin origin, IOperation place, FlowState state)
    {
        if (IsGivenBack(state[origin]))
            Report(Descriptor, place.Syntax.GetLocation(), place.Syntax.ToString(), origin.Name);
    }

    public override void Mentioned(Value value, IOperation place, FlowState state)
    {
        if (value.Those(Link.Inside).All(origin => IsGivenBack(state[origin])))
            Report(Descriptor, place.Syntax.GetLocation(), place.Syntax.ToString(), value.Those(Link.Inside).First().Name);
    }

    // What was only committed is the other rule's.
    private static bool IsGivenBack(Life life) => life.IsGone() && (life & Life.Published) == 0;
}
