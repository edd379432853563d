using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>
/// A rule on what a method makes and has to finish itself: some of it is finished on no path, some is still open on one of the ways out.
/// </summary>
/// <param name="report">Takes its reports.</param>
internal abstract class LeftOpenRule(Action<Diagnostic> report) : FlowRule(report)
{
    private readonly HashSet<Origin> _leftOpen = [];
    private readonly HashSet<Origin> _leftOpenPerhaps = [];

    // What is done on some paths may hang together with what else they do: where paths have met, only the one place that ends it is sure
    // to be passed by on some.
    public override void Left(Origin origin, FlowState state)
    {
        if (!origin.IsMadeHere)
            return;
        if (state[origin].IsSurelyOpen())
            _leftOpen.Add(origin);
        else if (state[origin].IsOpenOnSomePaths())
            _leftOpenPerhaps.Add(origin);
    }

    public override void Exited(FlowState state)
    {
        foreach (Origin origin in state.Origins)
            Left(origin, state);
    }

    public override void Completed(IFollowedMethod method)
    {
        foreach (Origin origin in method.Made.Where(origin => Concerns(origin) && !origin.HasEscaped))
        {
            if (!IsFinished(origin))
                Report(origin, "never {0}");
            else if (_leftOpen.Contains(origin) || (_leftOpenPerhaps.Contains(origin) && origin.Endings.Count == 1))
                Report(origin, "not {0} on one of the ways out");
        }
    }

    /// <summary>Whether the rule is on such objects.</summary>
    protected abstract bool Concerns(Origin origin);

    /// <summary>Whether the method finishes it on any path.</summary>
    protected abstract bool IsFinished(Origin origin);

    /// <summary>Reports an object that is left open.</summary>
    /// <param name="origin">The object.</param>
    /// <param name="how">How often it is finished; <c>{0}</c> stands for the verb.</param>
    protected abstract void Report(Origin origin, string how);
}
