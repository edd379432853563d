using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace TypedShm.Generator;

/// <summary>
/// Carries states through a control-flow graph until nothing changes, then once more to report. A <c>finally</c> is solved anew for each
/// branch that leaves through it, so that paths stay apart; exceptions reach handlers with what was true before each operation that may
/// throw.
/// </summary>
internal sealed class FlowSolver(IFlowTransfer transfer, ControlFlowGraph graph, int first, int last)
{
    private const int MostVisitsOfABlock = 60;

    // By block, by where it comes from (the block before, and by which of its branches).
    private readonly Dictionary<int, Dictionary<int, FlowState>> _incoming = [];
    private readonly SortedSet<int> _waiting = [];
    private readonly int[] _visits = new int[last - first + 1];

    private enum Branch { FallThrough, Conditional, Thrown, Entry }

    /// <summary>What is true where the graph's function returns, or its <c>finally</c> ends; null if it does not.</summary>
    public FlowState? End { get; private set; }

    /// <summary>What the function returns.</summary>
    public Value Result { get; private set; } = Value.Nothing;

    public static FlowSolver Run(IFlowTransfer transfer, ControlFlowGraph graph, FlowState entry)
    {
        FlowSolver solver = new(transfer, graph, 0, graph.Blocks.Length - 1);
        solver.Solve(entry);
        return solver;
    }

    private void Solve(FlowState entry)
    {
        bool isReporting = transfer.IsReporting;
        transfer.IsReporting = false;
        Arrive(first, first, Branch.Entry, entry.Clone());
        while (_waiting.Count > 0)
        {
            int block = _waiting.Min;
            _waiting.Remove(block);
            transfer.GivesUp |= ++_visits[block - first] > MostVisitsOfABlock;
            if (transfer.GivesUp)
                return;
            Execute(graph.Blocks[block], StateAt(block));
        }

        transfer.IsReporting = isReporting;
        if (!isReporting)
            return;
        (End, Result) = (null, Value.Nothing);
        foreach (int block in _incoming.Keys.OrderBy(static block => block).ToArray())
            Execute(graph.Blocks[block], StateAt(block));
        _waiting.Clear();
    }

    private FlowState StateAt(int block)
    {
        FlowState? forward = null;
        FlowState? back = null;
        foreach (KeyValuePair<int, FlowState> edge in _incoming[block])
        {
            ref FlowState? side = ref forward;
            if (edge.Key % 4 != (int)Branch.Entry && edge.Key / 4 >= block)
                side = ref back;
            if (side is null)
                side = edge.Value.Clone();
            else
                side.Join(edge.Value);
        }

        if (back is null)
            return forward!;
        back.MapLives(Lives.InNextRound);
        if (forward is null)
            return back;
        forward.Join(back);
        return forward;
    }

    private void Execute(BasicBlock block, FlowState state)
    {
        transfer.State = state;
        FlowState? thrown = null;
        void BeforeThrowing(IOperation operation)
        {
            if (!MayThrow(operation))
                return;
            if (thrown is null)
                thrown = transfer.State.Clone();
            else
                thrown.Join(transfer.State);
        }

        foreach (IOperation operation in block.Operations)
        {
            BeforeThrowing(operation);
            transfer.Execute(operation);
        }

        Value test = Value.Nothing;
        if (block.BranchValue is { } value)
        {
            BeforeThrowing(value);
            if (block.ConditionKind != ControlFlowConditionKind.None)
                test = transfer.Test(value);
            else if (block.FallThroughSuccessor?.Semantics == ControlFlowBranchSemantics.Return)
                Result = Result.Or(transfer.Return(value));
            else
                transfer.Execute(value);
        }

        FlowState after = transfer.State;
        if (thrown is not null)
            Throw(block.Ordinal, block.EnclosingRegion, thrown);
        bool whenTrue = block.ConditionKind == ControlFlowConditionKind.WhenTrue;
        bool? constant = Operations.Constant(block);
        if (block.ConditionalSuccessor is { } conditional && constant != !whenTrue)
            Follow(block, conditional, Branch.Conditional, transfer.Assume(after.Clone(), block.BranchValue!, test, whenTrue));
        if (block.FallThroughSuccessor is { } next && (block.ConditionalSuccessor is null || constant != whenTrue))
            Follow(block, next, Branch.FallThrough, block.ConditionalSuccessor is null
                ? after
                : transfer.Assume(after.Clone(), block.BranchValue!, test, !whenTrue));
    }

    private void Follow(BasicBlock block, ControlFlowBranch branch, Branch kind, FlowState state)
    {
        foreach (ControlFlowRegion region in branch.FinallyRegions)
        {
            if (Through(region, state) is not { } ended)
                return;
            state = ended;
        }

        transfer.Leave(branch, state, Result);
        if (branch.Semantics is ControlFlowBranchSemantics.Throw or ControlFlowBranchSemantics.Rethrow)
            Throw(block.Ordinal, block.EnclosingRegion, state);
        else if (branch.Semantics == ControlFlowBranchSemantics.StructuredExceptionHandling)
            ReachEnd(state, block);
        else if (branch.Destination is { Kind: BasicBlockKind.Exit } exit)
            ReachEnd(state, exit);
        else if (branch.Destination is { } destination)
            Arrive(destination.Ordinal, block.Ordinal, kind, state);
    }

    // Of the function, or of the finally that is solved; a filter that refuses ends neither.
    private void ReachEnd(FlowState state, BasicBlock end)
    {
        if (end.Kind == BasicBlockKind.Exit)
            transfer.Exit(state);
        else if (first == 0)
            return;
        if (End is null)
            End = state.Clone();
        else
            End.Join(state);
    }

    private FlowState? Through(ControlFlowRegion region, FlowState state)
    {
        FlowSolver solver = new(transfer, graph, region.FirstBlockOrdinal, region.LastBlockOrdinal);
        solver.Solve(state);
        return solver.End;
    }

    // Outward from the block: a handler takes the exception, a finally sees it pass.
    private void Throw(int from, ControlFlowRegion region, FlowState state)
    {
        for (; region.EnclosingRegion is { } outer && outer.FirstBlockOrdinal >= first && outer.LastBlockOrdinal <= last; region = outer)
        {
            if (region.Kind != ControlFlowRegionKind.Try)
                continue;
            foreach (ControlFlowRegion handler in outer.NestedRegions)
            {
                switch (handler.Kind)
                {
                    case ControlFlowRegionKind.Catch or ControlFlowRegionKind.FilterAndHandler:
                        Arrive(handler.FirstBlockOrdinal, from, Branch.Thrown, state.Clone());
                        if (handler is
                            {
                                Kind: ControlFlowRegionKind.Catch,
                                ExceptionType: null or { SpecialType: SpecialType.System_Object } or
                                {
                                    Name: "Exception",
                                    ContainingNamespace.Name: "System"
                                }
                            })
                            return;
                        break;
                    case ControlFlowRegionKind.Finally:
                        bool isReporting = transfer.IsReporting;
                        transfer.IsReporting = false;
                        FlowState? ended = Through(handler, state);
                        transfer.IsReporting = isReporting;
                        if (ended is null)
                            return;
                        state = ended;
                        break;
                }
            }
        }
    }

    private void Arrive(int block, int from, Branch branch, FlowState state)
    {
        if (block < first || block > last)
            return;
        if (!_incoming.TryGetValue(block, out Dictionary<int, FlowState>? edges))
            _incoming.Add(block, edges = []);
        int edge = (from * 4) + (int)branch;
        if (edges.TryGetValue(edge, out FlowState? before) && before.Equals(state))
            return;
        edges[edge] = state;
        _waiting.Add(block);
    }

    // To give memory back does not fail, and what the views do is no more than an address.
    private static bool MayThrow(IOperation operation) => operation.DescendantsAndSelf().Any(static inner => inner switch
    {
        IInvocationOperation { TargetMethod: var method } => !Operations.IsDispose(method),
        IAwaitOperation or IObjectCreationOperation or IThrowOperation or IDynamicInvocationOperation => true,
        _ => false,
    });
}
