using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;

namespace TypedShm.Generator;

/// <summary>The blocks of a loop: its head, and everything from which its head is reached again without passing it.</summary>
internal sealed record Loop(HashSet<BasicBlock> Blocks)
{
    public static IEnumerable<Loop> In(ControlFlowGraph graph)
    {
        foreach (BasicBlock head in graph.Blocks)
        {
            BasicBlock[] ends = [.. head.Predecessors.Select(static branch => branch.Source)
                .Where(source => source.Ordinal >= head.Ordinal && source.IsReachable)];
            if (ends.Length == 0)
                continue;
            HashSet<BasicBlock> blocks = [head];
            Stack<BasicBlock> waiting = new(ends);
            while (waiting.Count > 0)
            {
                BasicBlock block = waiting.Pop();
                if (!blocks.Add(block))
                    continue;
                foreach (ControlFlowBranch branch in block.Predecessors)
                    waiting.Push(branch.Source);
            }

            yield return new Loop(blocks);
        }
    }

    /// <summary>Everything that is carried out in the loop, with what stands in a <c>finally</c> on its ways.</summary>
    public IEnumerable<IOperation> Operations(ControlFlowGraph graph)
    {
        HashSet<BasicBlock> all = [.. Blocks];
        foreach (BasicBlock block in Blocks)
        {
            foreach (ControlFlowBranch? branch in new[] { block.FallThroughSuccessor, block.ConditionalSuccessor })
            {
                foreach (ControlFlowRegion region in Holds(branch) ? branch!.FinallyRegions : [])
                    all.UnionWith(graph.Blocks.Where(inner => inner.Ordinal >= region.FirstBlockOrdinal
                        && inner.Ordinal <= region.LastBlockOrdinal));
            }
        }

        return all.SelectMany(static block => block.BranchValue is { } value ? block.Operations.Append(value) : block.Operations);
    }

    /// <summary>Whether a branch stays in the loop.</summary>
    public bool Holds(ControlFlowBranch? branch) => branch?.Destination is { } destination && Blocks.Contains(destination);
}
