using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace TypedShm.Generator;

/// <summary>Whether anybody reads a local after it was written. A write to a part of it is no read.</summary>
internal sealed class Liveness(ControlFlowGraph graph, ISymbol local)
{
    public static bool IsMentionedIn(ControlFlowGraph graph, ISymbol local) =>
        graph.Blocks.SelectMany(OperationsOf).Any(operation => References(operation, local).Any());

    public static bool IsReadIn(ControlFlowGraph graph, ISymbol local) =>
        graph.Blocks.SelectMany(OperationsOf).Any(operation => References(operation, local).Any(IsRead));

    public bool IsReadAfter(IOperation place)
    {
        IOperation statement = place;
        while (statement.Parent is { } outer)
            statement = outer;
        BasicBlock? block = graph.Blocks.FirstOrDefault(candidate => OperationsOf(candidate).Contains(statement));
        if (block is null)
            return true;

        HashSet<int> seen = [];
        Stack<(BasicBlock Block, int Start)> waiting = new([(block, OperationsOf(block).ToList().IndexOf(statement) + 1)]);
        while (waiting.Count > 0)
        {
            (BasicBlock current, int start) = waiting.Pop();
            if (Scan(current, start) is { } isRead)
            {
                if (isRead)
                    return true;
                continue;
            }

            foreach (int next in After(current))
            {
                if (seen.Add(next))
                    waiting.Push((graph.Blocks[next], 0));
            }
        }

        return false;
    }

    // True if it is read, false if it gets a new value first, null if neither.
    private bool? Scan(BasicBlock block, int start)
    {
        foreach (IOperation operation in OperationsOf(block).Skip(start))
        {
            if (References(operation, local).Any(IsRead))
                return true;
            IOperation inner = operation is IExpressionStatementOperation statement ? statement.Operation : operation;
            if (inner is ISimpleAssignmentOperation { Target: var target } && IsOf(Operations.Bare(target), local))
                return false;
        }

        return null;
    }

    // What an exception or a finally leads to comes after each block of the try.
    private static IEnumerable<int> After(BasicBlock block)
    {
        bool whenTrue = block.ConditionKind == ControlFlowConditionKind.WhenTrue;
        foreach (ControlFlowBranch? branch in new[] { block.FallThroughSuccessor, block.ConditionalSuccessor })
        {
            if (Operations.Constant(block) is { } constant && block.ConditionalSuccessor is not null
                && branch == (constant == whenTrue ? block.FallThroughSuccessor : block.ConditionalSuccessor))
                continue;
            if (branch?.Destination is { } destination)
                yield return destination.Ordinal;
        }

        for (ControlFlowRegion? region = block.EnclosingRegion; region?.EnclosingRegion is { } outer; region = outer)
        {
            if (region.Kind != ControlFlowRegionKind.Try)
                continue;
            foreach (ControlFlowRegion handler in outer.NestedRegions.Where(static nested => nested.Kind != ControlFlowRegionKind.Try))
                yield return handler.FirstBlockOrdinal;
        }
    }

    private static IEnumerable<IOperation> OperationsOf(BasicBlock block) =>
        block.BranchValue is { } value ? block.Operations.Append(value) : block.Operations;

    private static IEnumerable<IOperation> References(IOperation operation, ISymbol local) =>
        operation.DescendantsAndSelf().Where(inner => IsOf(inner, local));

    private static bool IsOf(IOperation operation, ISymbol local) =>
        operation is ILocalReferenceOperation or IParameterReferenceOperation
        && SymbolEqualityComparer.Default.Equals(Operations.Variable(operation), local);

    private static bool IsRead(IOperation reference)
    {
        IOperation part = reference;
        while (part.Parent is IFieldReferenceOperation or IParenthesizedOperation
            || (part.Parent is IInlineArrayAccessOperation array && array.Instance == part))
            part = part.Parent;
        return part.Parent switch
        {
            ISimpleAssignmentOperation assignment => assignment.Target != part,
            ICompoundAssignmentOperation { Parent: IExpressionStatementOperation or null } assignment => assignment.Target != part,
            IIncrementOrDecrementOperation { Parent: IExpressionStatementOperation or null } => false,
            _ => true,
        };
    }
}
