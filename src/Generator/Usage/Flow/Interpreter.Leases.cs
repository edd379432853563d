using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace TypedShm.Generator;

/// <summary>Reading: what is read of a lease that can be overwritten is worth nothing before the lease is asked.</summary>
internal sealed partial class Interpreter
{
    private void Read(IOperation place, Value value)
    {
        if (!value.Has(Link.Inside))
            return;
        Tell(rule => rule.Loaded(value, place));
        foreach (Origin origin in value.Those(Link.Inside).ToArray())
        {
            origin.IsRead = true;
            State[origin] = State[origin].AfterReading();
        }
    }

    private Value Ask(Origin lease)
    {
        // An answer before anything was read says nothing.
        if ((State[lease] & (Life.Read | Life.Spent)) == 0)
            return Value.Nothing;
        lease.IsAsked = true;
        return Value.Of(lease, Link.Intact);
    }

    // A variable that a loop assigns anew stands for several leases. Which of them answers is not followed.
    private Value AskOneOf(Value leases)
    {
        foreach (Origin lease in leases.Those(Link.Whole).ToArray())
        {
            if ((State[lease] & (Life.Read | Life.Spent)) == 0)
                continue;
            lease.IsAsked = true;
            State[lease] = State[lease].AfterUnfollowedAnswer();
        }

        return Value.Other;
    }

    /// <summary>The answer of a lease that a pattern asks, as in <c>lease is { IsIntact: true }</c>; null if it asks none.</summary>
    private Value? AskByPattern(IPatternOperation pattern, Value lease)
    {
        if (!lease.Has(Link.Whole))
            return null;
        if (pattern is INegatedPatternOperation { Pattern: var negated })
            return AskByPattern(negated, lease) is { } answer ? Negate(answer) : null;
        if (pattern is not IRecursivePatternOperation { PropertySubpatterns: { IsEmpty: false } parts }
            || !parts.Any(static part => part.Member is IPropertyReferenceOperation { Property.Name: "IsIntact" }))
            return null;
        return parts is [{ Pattern: var asked }] && Truth(asked) is { } isTrue && lease.Single(Link.Whole) is { } only
            ? isTrue ? Ask(only) : Negate(Ask(only))
            : AskOneOf(lease);
    }

    /// <summary>What was read of leases leaves the method's own variables.</summary>
    private void Spend(Value value)
    {
        foreach (Origin origin in value.Those(Link.Inside | Link.Data).ToArray())
            State[origin] = State[origin].AfterSpending();
        if (!value.Elements.IsDefault)
        {
            foreach (Value element in value.Elements)
                Spend(element);
        }
    }

    // A call whose result nobody takes does something else with what it is given.
    private void SpendIfUnused(IInvocationOperation call, Value given)
    {
        IOperation outermost = call;
        while (outermost.Parent is IAwaitOperation or IConversionOperation)
            outermost = outermost.Parent;
        if (call.TargetMethod.ReturnsVoid
            || outermost.Parent is null or IExpressionStatementOperation or ISimpleAssignmentOperation { Target: IDiscardOperation })
            Spend(given);
    }
}
