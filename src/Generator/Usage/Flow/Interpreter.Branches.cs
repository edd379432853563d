using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace TypedShm.Generator;

/// <summary>Branches: what an answer says of each path.</summary>
internal sealed partial class Interpreter
{
    /// <summary>The value of a condition, whose answer is followed.</summary>
    public Value Test(IOperation condition) => Load(condition, Visit(condition));

    /// <summary>What is known where a condition has come out one way.</summary>
    public FlowState Assume(FlowState state, IOperation condition, Value answer, bool isTrue)
    {
        foreach (KeyValuePair<Origin, Link> pair in answer.Links)
        {
            if ((pair.Value & Link.Tried) is Link.Made or Link.NotMade)
                AssumeMade(state, pair.Key, isTrue == pair.Value.HasFlag(Link.Made));
            else if ((pair.Value & Link.Answer) is Link.Intact or Link.Torn)
                AssumeIntact(state, pair.Key, isTrue == pair.Value.HasFlag(Link.Intact));
        }

        if (NullTest(condition, isTrue) is { } variable && Peek(state, variable) is { } value)
        {
            foreach (Origin origin in value.Those(Link.Whole))
                state[origin] = Life.None;
        }

        // What is not null was made, if it cannot be anything else.
        if (NullTest(condition, !isTrue) is { } other && Peek(state, other)?.Single(Link.Whole) is { } there)
            state[there] &= ~Life.Absent;
        return state;
    }

    public void Leave(ControlFlowBranch branch, FlowState state, Value result)
    {
        if (!IsReporting || branch.LeavingRegions.IsEmpty
            || branch.Semantics is ControlFlowBranchSemantics.Throw or ControlFlowBranchSemantics.Rethrow)
            return;
        foreach (Origin origin in state.Origins)
        {
            if (origin.Holder is { } holder && IsEnded(branch, holder) && !result.Links.ContainsKey(origin)
                && !state.Variables.Any(pair => !IsEnded(branch, pair.Key) && pair.Value.Holds(origin)))
                Tell(rule => rule.Left(origin, state));
        }
    }

    private static bool IsEnded(ControlFlowBranch branch, object variable) => branch.LeavingRegions.Any(region => variable switch
    {
        ILocalSymbol local => region.Locals.Contains(local),
        CaptureId capture => region.CaptureIds.Contains(capture),
        _ => false,
    });

    private static void AssumeMade(FlowState state, Origin origin, bool isMade)
    {
        Life life = state[origin];
        if (!isMade)
            state[origin] = Life.Failed;
        else if (life.HasFlag(Life.Tried))
            state[origin] = (life & ~Life.Tried) | Life.Open;
    }

    private static void AssumeIntact(FlowState state, Origin lease, bool isIntact)
    {
        state[lease] = state[lease].AfterAnswer(isIntact);
        if (isIntact)
            state.MapVariables((_, value) => value.Links.TryGetValue(lease, out Link link) && (link & Link.Data) != 0
                ? value.Map(other => other & ~Link.Data)
                : value);
    }

    /// <summary>The variable that is null if the condition has come out this way; null if it says nothing of the kind.</summary>
    private static IOperation? NullTest(IOperation condition, bool isTrue) => Operations.Bare(condition) switch
    {
        IUnaryOperation { OperatorKind: UnaryOperatorKind.Not, Operand: var operand } => NullTest(operand, !isTrue),
        IIsNullOperation { Operand: var operand } when isTrue => operand,
        IIsTypeOperation { ValueOperand: var operand } when !isTrue => operand,
        IBinaryOperation { OperatorKind: BinaryOperatorKind.Equals, LeftOperand: var left, RightOperand: var right } when isTrue =>
            OtherThanNull(left, right),
        IBinaryOperation { OperatorKind: BinaryOperatorKind.NotEquals, LeftOperand: var left, RightOperand: var right } when !isTrue =>
            OtherThanNull(left, right),
        IIsPatternOperation
        {
            Value: var value,
            Pattern: IConstantPatternOperation { Value.ConstantValue: { HasValue: true, Value: null } }
        } when isTrue => value,
        IIsPatternOperation
        {
            Value: var value,
            Pattern: INegatedPatternOperation
            {
                Pattern: IConstantPatternOperation
                {
                    Value.ConstantValue:
                    {
                        HasValue: true,
                        Value: null
                    }
                }
            }
        } when !isTrue => value,
        IIsPatternOperation
        {
            Value: var value, Pattern: IDeclarationPatternOperation
            or IRecursivePatternOperation { PropertySubpatterns.IsEmpty: true } or ITypePatternOperation
        } when !isTrue => value,
        _ => null,
    };

    private static IOperation? OtherThanNull(IOperation left, IOperation right) => IsNull(right) ? left : IsNull(left) ? right : null;

    private static bool IsNull(IOperation operation) => Operations.Bare(operation).ConstantValue is { HasValue: true, Value: null };

    private static Value? Peek(FlowState state, IOperation operation) => Operations.Bare(operation) switch
    {
        IFlowCaptureReferenceOperation capture => state.Find(capture.Id),
        IFieldReferenceOperation field when MemberVariable(field.Instance, field.Field) is { } variable => state.Find(variable),
        IPropertyReferenceOperation property when MemberVariable(property.Instance, property.Property) is { } variable =>
            state.Find(variable),
        var other when Operations.Variable(other) is { } variable => state.Find(variable),
        _ => null,
    };
}
