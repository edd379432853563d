using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0113: a copy of what shared memory holds is written, and then nobody reads the copy.</summary>
internal sealed class WrittenCopyRule(Action<Diagnostic> report) : FlowRule(report)
{
    internal static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0113",
        title: "A copy is written instead of shared memory",
        messageFormat: "'{0}' is a copy of what '{1}' holds, and nothing reads it after this: write to the memory itself, or make "
            + "'{0}' a reference with 'ref'",
        category: RuleCategories.Concurrency,
        defaultSeverity: DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "A local that is not declared with 'ref' holds a value of its own. What is written to it nobody else ever sees.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0113.md");

    private readonly List<(ISymbol Local, Origin Origin, IOperation Place, ControlFlowGraph Graph)> _written = [];

    public override void CopyWritten(ISymbol local, Origin origin, IOperation place, ControlFlowGraph graph) =>
        _written.Add((local, origin, place, graph));

    public override void Completed(IFollowedMethod method)
    {
        foreach ((ISymbol local, Origin origin, IOperation place, ControlFlowGraph graph) in _written)
        {
            // What several functions share may be read by any of them at any time.
            bool isRead = method.Graphs.Any(other => other != graph && Liveness.IsMentionedIn(other, local))
                ? method.Graphs.Any(any => Liveness.IsReadIn(any, local))
                : new Liveness(graph, local).IsReadAfter(place);
            if (!isRead)
                Report(Descriptor, place.Syntax.GetLocation(), local.Name, origin.Name);
        }
    }
}
