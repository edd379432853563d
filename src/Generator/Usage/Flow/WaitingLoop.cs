using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace TypedShm.Generator;

/// <summary>A loop, looked at for what it waits for: plain fields that somebody else writes, and nothing else that can change.</summary>
/// <param name="graph">The graph that the loop is in.</param>
/// <param name="loop">The loop.</param>
/// <param name="method">Knows the local functions.</param>
/// <param name="loaded">The places in shared memory that are read.</param>
internal sealed class WaitingLoop(ControlFlowGraph graph, Loop loop, IFollowedMethod method, HashSet<IOperation> loaded)
{
    private const int MostArms = 16;

    private readonly List<IOperation> _operations =
        [.. loop.Operations(graph).SelectMany(operation => Expand(operation, method, depth: 0))];

    /// <summary>The reads that the loop ends by; none, if something else can end it, or makes the compiler read memory again.</summary>
    public IReadOnlyCollection<IOperation> Polled()
    {
        List<BasicBlock> exits = [.. loop.Blocks.Where(block => block.ConditionalSuccessor is { } branch
            && (!loop.Holds(branch) || !loop.Holds(block.FallThroughSuccessor)))];
        if (exits.Count == 0 || _operations.Any(IsBarrier))
            return [];

        HashSet<IOperation> polled = [];
        HashSet<object> open = [];
        foreach (BasicBlock exit in exits)
        {
            if (!Waits(exit.BranchValue!, polled, open))
                return [];
        }

        if (polled.Count == 0)
            return CopiesIn(exits);

        // Looks that only lead on to other looks, as the first of two that are joined by 'or'.
        foreach (BasicBlock block in loop.Blocks.Where(static block => block.ConditionalSuccessor is not null))
            polled.UnionWith(Expand(block.BranchValue!, method, depth: 0).Where(loaded.Contains));
        return polled;
    }

    /// <summary>Whether a value can only change by what others write; the places that they write are added.</summary>
    private bool Waits(IOperation value, HashSet<IOperation> polled, HashSet<object> open)
    {
        foreach (IOperation operation in Expand(value, method, depth: 0))
        {
            if (loaded.Contains(operation))
            {
                polled.Add(operation);
                continue;
            }

            if (VariableOf(operation) is not { } variable)
                continue;
            if (!open.Add(variable))
            {
                // An index that the loop changes leads to another place each time.
                if (IsIndex(operation) && WritersOf(variable).Any())
                    return false;
                continue;
            }

            foreach (IOperation writer in WritersOf(variable))
            {
                if (ValueWritten(writer) is not { } written || !Waits(written, polled, open)
                    || (written.ConstantValue.HasValue && !FollowsALook(writer, polled)))
                    return false;
            }
        }

        return true;
    }

    private static bool IsIndex(IOperation operation) => Operations.WithConversions(operation) switch
    {
        { Parent: IArgumentOperation { Parent: IPropertyReferenceOperation } } => true,
        { Parent: IInlineArrayAccessOperation access } index => access.Argument == index,
        _ => false,
    };

    // 'done = true' ends the loop, unless it stands behind a look at shared memory that may come out the other way.
    private bool FollowsALook(IOperation writer, HashSet<IOperation> polled)
    {
        IOperation statement = writer;
        while (statement.Parent is { } outer)
            statement = outer;

        // The arms of a switch stand behind each other.
        BasicBlock? block = loop.Blocks.FirstOrDefault(block => block.Operations.Contains(statement));
        for (int i = 0; i < MostArms; i++)
        {
            if (block is not { Predecessors: [{ Source: { } before }] } || !loop.Blocks.Contains(before))
                return false;
            block = before;

            // A way out of the loop is looked at by itself.
            if (!loop.Holds(block.ConditionalSuccessor) || !loop.Holds(block.FallThroughSuccessor))
                continue;
            IOperation[] looks = [.. LooksOf(block.BranchValue!)];
            polled.UnionWith(looks);
            if (looks.Length > 0)
                return true;
        }

        return false;
    }

    // What was looked at once, to be compared with several values, stands for the look.
    private IEnumerable<IOperation> LooksOf(IOperation value) => Expand(value, method, depth: 0).SelectMany(operation =>
        loaded.Contains(operation) ? [operation]
        : operation is IFlowCaptureReferenceOperation capture
            ? WritersOf(capture.Id).OfType<IFlowCaptureOperation>()
                .SelectMany(writer => Expand(writer.Value, method, depth: 0)).Where(loaded.Contains)
        : []);

    private IEnumerable<IOperation> WritersOf(object variable) => _operations.Where(operation => operation switch
    {
        IDeconstructionAssignmentOperation { Target: ITupleOperation { Elements: var targets } } =>
            targets.Any(target => variable.Equals(VariableOf(Operations.Bare(target)))),
        IAssignmentOperation { Target: var target } => variable.Equals(VariableOf(Operations.Bare(target))),
        IIncrementOrDecrementOperation { Target: var target } => variable.Equals(VariableOf(Operations.Bare(target))),
        IFlowCaptureOperation capture => variable.Equals(capture.Id),
        IArgumentOperation { Parameter.RefKind: RefKind.Out or RefKind.Ref, Value: var target } =>
            variable.Equals(VariableOf(Operations.Bare(target))),
        _ => false,
    });

    private static IOperation? ValueWritten(IOperation writer) => writer switch
    {
        ISimpleAssignmentOperation { IsRef: false } or IDeconstructionAssignmentOperation => ((IAssignmentOperation)writer).Value,
        IFlowCaptureOperation capture => capture.Value,
        _ => null,
    };

    private static object? VariableOf(IOperation operation) => operation switch
    {
        ILocalReferenceOperation { Local.IsRef: false } reference => reference.Local,
        IParameterReferenceOperation { Parameter.RefKind: RefKind.None } reference => reference.Parameter,
        IFlowCaptureReferenceOperation reference => reference.Id,
        _ => null,
    };

    // What is carried out, with the bodies of local functions and known lambdas in the places of their calls.
    private static IEnumerable<IOperation> Expand(IOperation operation, IFollowedMethod method, int depth)
    {
        foreach (IOperation inner in operation.DescendantsAndSelf())
        {
            // What it is given to be read is looked at as a part of the call.
            if (inner is IInvocationOperation { TargetMethod.IsAsync: false } call && depth < 3
                && call.Arguments.All(static argument =>
                    argument.Parameter?.RefKind is RefKind.None or RefKind.In or RefKind.RefReadOnlyParameter)
                && method.BodyOf(call) is { } body)
            {
                foreach (IOperation part in body.Blocks.SelectMany(static block => block.BranchValue is { } value
                    ? block.Operations.Append(value)
                    : block.Operations))
                {
                    foreach (IOperation expanded in Expand(part, method, depth + 1))
                        yield return expanded;
                }
            }
            else if (!IsDelegateOf(inner, method))
            {
                yield return inner;
            }
        }
    }

    // The variable that holds the lambda which is called.
    private static bool IsDelegateOf(IOperation operation, IFollowedMethod method) =>
        operation.Parent is IInvocationOperation call && call.Instance == operation && method.BodyOf(call) is not null;

    /// <summary>
    /// Whether the operation can end the loop by itself, or makes the compiler read memory again: a call can do anything.
    /// </summary>
    private static bool IsBarrier(IOperation operation) => operation switch
    {
        // Without a method of a type's own, it is several assignments.
        IDeconstructionAssignmentOperation { Target: ITupleOperation target } deconstruction =>
            Operations.Bare(deconstruction.Value) is not ITupleOperation || !target.Elements.All(IsLocal),
        IPropertyReferenceOperation { Property: var property } => !SharedTypes.IsAddress(property) && !SharedTypes.IsStored(property),
        IConversionOperation { OperatorMethod: not null, Type: var type } => type?.IsRefLikeType != true,
        IBinaryOperation { OperatorMethod: not null } or IUnaryOperation { OperatorMethod: not null } => true,
        IFieldReferenceOperation { Field.IsVolatile: true } => true,
        IInvocationOperation { TargetMethod: var called } when SharedTypes.IsArithmetic(called) => false,
        IInvocationOperation or IObjectCreationOperation or IDynamicInvocationOperation or IAwaitOperation or IEventAssignmentOperation
            or IInterpolatedStringOperation
            or IDeconstructionAssignmentOperation or IReturnOperation or IDelegateCreationOperation
                or IStaticLocalInitializationSemaphoreOperation => true,

        // What only a local of this method holds nobody else can see.
        ISimpleAssignmentOperation { IsRef: true } => false,
        IAssignmentOperation { Target: var target } => !IsLocal(target),
        IIncrementOrDecrementOperation { Target: var target } => !IsLocal(target),
        _ => false,
    };

    private static bool IsLocal(IOperation target) =>
        Operations.Bare(target) is ILocalReferenceOperation { Local.IsRef: false }
            or IParameterReferenceOperation { Parameter.RefKind: RefKind.None } or IFlowCaptureReferenceOperation or IDiscardOperation;

    // A copy that was made before the loop never changes at all.
    private HashSet<IOperation> CopiesIn(List<BasicBlock> exits)
    {
        HashSet<IOperation> copies = [];
        foreach (ILocalReferenceOperation reference in exits.SelectMany(static exit => exit.BranchValue!.DescendantsAndSelf())
            .OfType<ILocalReferenceOperation>())
        {
            if (!method.HoldsCopy(reference))
                continue;
            IOperation part = reference;
            while (part.Parent is IFieldReferenceOperation field)
                part = field;
            copies.Add(part);
        }

        return copies;
    }
}
