using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace TypedShm.Generator;

/// <summary>TSHM0106: a loop ends only when a plain field changes, and nothing in it makes the compiler read the field again.</summary>
internal sealed class EndlessLoopRule(Action<Diagnostic> report) : FlowRule(report)
{
    internal static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0106",
        title: "A loop that waits for a plain field need never end",
        messageFormat: "Nothing makes this loop read '{0}' again, so it need never end: {1}",
        category: RuleCategories.Concurrency,
        defaultSeverity: DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "The compiler may read a plain field once and keep the value, since it knows of nobody else who writes it.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0106.md");

    private readonly HashSet<IOperation> _loaded = [];

    public override void Loaded(Value value, IOperation place)
    {
        IOperation bare = Operations.Bare(place);
        if (bare is IPropertyReferenceOperation or IFieldReferenceOperation or ILocalReferenceOperation or IParameterReferenceOperation
            or IInlineArrayAccessOperation)
            _loaded.Add(bare);
    }

    public override void Completed(IFollowedMethod method)
    {
        if (_loaded.Count == 0 && !method.MakesCopies)
            return;
        foreach (ControlFlowGraph graph in method.Graphs)
        {
            foreach (Loop loop in Loop.In(graph))
            {
                foreach (IOperation place in new WaitingLoop(graph, loop, method, _loaded).Polled())
                    Report(Descriptor, place.Syntax.GetLocation(), place.Syntax.ToString(), _loaded.Contains(place)
                        ? RemedyFor(place)
                        : "read it again in the loop, or wait with Wait or WaitAsync");
            }
        }
    }

    private static string RemedyFor(IOperation place) => place.Type switch
    {
        { TypeKind: TypeKind.Enum } or { SpecialType: SpecialType.System_Char } =>
            "mark the field [Atomic] and use its Read(), or wait with Wait or WaitAsync",
        { } type when Operations.HasVolatileRead(type) =>
            $"use Volatile.Read({(Operations.IsReadOnlyReference(place) ? "in" : "ref")} {place.Syntax}), mark the field [Atomic], or "
                + "wait with Wait or WaitAsync",
        _ => "wait with Wait or WaitAsync, or for an [Atomic] field beside it",
    };
}
