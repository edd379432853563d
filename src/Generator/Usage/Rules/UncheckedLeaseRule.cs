using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>
/// TSHM0111: what was read of a lease that the writer may overwrite is used on some path without an answer that it is intact.
/// </summary>
internal sealed class UncheckedLeaseRule(Action<Diagnostic> report) : FlowRule(report)
{
    internal static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0111",
        title: "A lease is never asked whether it is intact",
        messageFormat: "The writer can overwrite what '{0}' shows while it is read, and nothing here notices: ask '{0}.IsIntact' after "
            + "reading and before using what was read, or copy it with TryRead",
        category: RuleCategories.Concurrency,
        defaultSeverity: DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "Readers of a state or a lossy broadcast never hold the writer back. What they read in place counts only if it is "
            + "intact afterwards.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0111.md");

    private readonly HashSet<Origin> _spent = [];

    public override void Exited(FlowState state) =>
        _spent.UnionWith(state.Origins.Where(origin => origin.IsMadeHere && state[origin].HasFlag(Life.Spent)));

    public override void Making(Origin origin, FlowState state)
    {
        if (state[origin].HasFlag(Life.Spent))
            _spent.Add(origin);
    }

    public override void Completed(IFollowedMethod method)
    {
        foreach (Origin lease in method.Made.Where(static origin => SharedTypes.IsOverwritableLease(origin.Type) && !origin.HasEscaped))
        {
            if (_spent.Contains(lease) || lease is { IsRead: true, IsAsked: false })
                Report(Descriptor, lease.Location, lease.Name);
        }
    }
}
