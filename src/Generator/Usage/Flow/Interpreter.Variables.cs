using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace TypedShm.Generator;

/// <summary>Variables: locals, parameters, and the fields of the object that the method belongs to.</summary>
internal sealed partial class Interpreter
{
    private void BringIn(FlowState state, IParameterSymbol parameter)
    {
        if (SharedTypes.IsFollowed(parameter.Type))
            state.Set(parameter, Value.Of(BroughtIn(parameter, parameter.Type), Link.Whole));
        else if (SharedTypes.IsView(parameter.Type) || (SharedTypes.IsOfRuntime(parameter.Type) && parameter.Type.IsRefLikeType)
            || SharedTypes.RefersToShared(parameter))
            state.Set(parameter, Value.Of(BroughtIn(parameter, parameter.Type), Link.Inside));
    }

    private Origin BroughtIn(object variable, ITypeSymbol type)
    {
        if (!_broughtIn.TryGetValue(variable, out Origin? origin))
            _broughtIn.Add(
                variable, origin = new Origin(type, site: null, variable as ISymbol ?? ((MemberOf)variable).Member, owner: null));
        return origin;
    }

    /// <summary>The variable that a field or property is: of the method's own object, or of one that a local holds; else null.</summary>
    private static object? MemberVariable(IOperation? instance, ISymbol member) =>
        IsOwnVariable(instance) ? member
        : instance is { Type.IsReferenceType: true } && Operations.Variable(instance) is { } holder ? new MemberOf(holder, member)
        : null;

    private Value MemberValue(object variable, ISymbol member)
    {
        if (State.Find(variable) is { } known)
            return known;
        ITypeSymbol type = member switch
        {
            IFieldSymbol { Type: var ofField } => ofField,
            IPropertySymbol { Type: var ofProperty } => ofProperty,
            _ => ((IParameterSymbol)member).Type,
        };
        Value value = Value.Of(BroughtIn(variable, type), SharedTypes.IsView(type) ? Link.Inside : Link.Whole);
        State.Set(variable, value);
        return value;
    }

    /// <summary>A local or parameter gets a value, with which its members are those of another object.</summary>
    private void SetVariable(ISymbol variable, Value value)
    {
        foreach (object member in State.Variables.Select(static pair => pair.Key).ToArray())
        {
            if (member is not MemberOf { Holder: var holder } || !SymbolEqualityComparer.Default.Equals(holder, variable))
                continue;
            State.Remove(member);
            if (_broughtIn.TryGetValue(member, out Origin? origin))
                BringInAnew(origin);
        }

        State.Set(variable, value);
    }

    /// <summary>What a local gets from where it is not seen, as an element of a list, is an object of its own each time.</summary>
    private Value BroughtInBy(ILocalSymbol local)
    {
        Origin origin = BroughtIn(local, local.Type);
        BringInAnew(origin);
        return Value.Of(origin, Link.Whole);
    }

    private void BringInAnew(Origin origin)
    {
        State.MapVariables((_, value) => value.Without(origin));
        State[origin] = Life.Open;
    }

    private static bool IsOwnVariable(IOperation? instance) =>
        instance is null or IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ContainingTypeInstance };

    /// <summary>Other code runs, which may put something else into the fields.</summary>
    private void ForgetFields() =>
        State.MapVariables((variable, value) => variable is IFieldSymbol or IPropertySymbol or MemberOf ? Value.Other : value);

    private bool MayChangeFields(IMethodSymbol method) =>
        method.MethodKind == MethodKind.DelegateInvoke
            || SymbolEqualityComparer.Default.Equals(method.ContainingAssembly, compilation.Assembly);

    private Value AssignFrom(ISimpleAssignmentOperation assignment)
    {
        // What an assignment to a variable takes over as it is: an answer stays one, a reference a reference.
        Value value = Visit(assignment.Value);
        if (!assignment.IsRef)
            value = Load(assignment.Value, value);
        Assign(assignment.Target, value, assignment.IsRef);
        return value;
    }

    private void Assign(IOperation target, Value value, bool isReference)
    {
        switch (Operations.Bare(target))
        {
            case IDeclarationExpressionOperation declaration:
                Assign(declaration.Expression, value, isReference);
                break;
            case ITupleOperation tuple:
                // The parts of a copy of a struct are copies themselves.
                Value part = value.Single(Link.Copy) is null ? Compute(value).Or(Value.Other) : value;
                for (int i = 0; i < tuple.Elements.Length; i++)
                    Assign(tuple.Elements[i], !value.Elements.IsDefault && i < value.Elements.Length ? value.Elements[i] : part,
                        isReference: false);
                break;
            case IDiscardOperation:
                break;
            case ILocalReferenceOperation reference when isReference || !reference.Local.IsRef:
                SetLocal(reference, value);
                break;
            case IParameterReferenceOperation { Parameter: { RefKind: RefKind.None } parameter }:
                SetVariable(parameter, value);
                break;
            case IParameterReferenceOperation { Parameter: { RefKind: RefKind.Out } parameter } when _depth > 0:
                State.Set(parameter, value);
                break;
            case IFlowCaptureReferenceOperation capture when _captured.TryGetValue(capture.Id, out IOperation captured):
                Assign(captured, value, isReference);
                break;
            case IFieldReferenceOperation field when SharedTypes.IsFollowed(field.Type)
                && MemberVariable(field.Instance, field.Field) is { } variable:
                State.Set(variable, value);
                Escape(value);
                break;
            case IPropertyReferenceOperation property when SharedTypes.IsChannel(property.Type)
                && MemberVariable(property.Instance, property.Property) is { } variable:
                State.Set(variable, value);
                Escape(value);
                break;
            case { } place:
                AssignPlace(place, value);
                break;
        }
    }

    private void SetLocal(ILocalReferenceOperation reference, Value value)
    {
        ILocalSymbol local = reference.Local;
        if (reference.IsDeclaration || reference.Syntax is VariableDeclaratorSyntax or SingleVariableDesignationSyntax)
        {
            foreach (Origin origin in value.Those(Link.Whole))
                origin.Holder ??= local;
        }
        else if (State.Find(local)?.Single(Link.Copy) is { } source
            && value.Links.All(pair => pair.Key == source && pair.Value == Link.Computed))
        {
            TellOfWrittenCopy(local, source, reference);
        }

        RememberAnswers();
        bool isUnseen = value is { MayBeOther: true, Links.IsEmpty: true, Elements.IsDefault: true };
        SetVariable(local, isUnseen && SharedTypes.IsChannel(local.Type) ? BroughtInBy(local) : value);
    }

    /// <summary>What is remembered in a variable after the one answer of a lease may be the answer itself.</summary>
    private void RememberAnswers()
    {
        foreach (Origin origin in State.Origins.Where(origin => State[origin].HasOneAnswer()).ToArray())
            State[origin] = State[origin].AfterUnfollowedAnswer();
    }

    private void AssignPlace(IOperation place, Value value)
    {
        Value target = VisitTarget(place);
        Escape(value);
        if (RootOf(place) is { } root)
        {
            TellIfCopied(root, place);
            State.Set(root, (State.Find(root) ?? Value.Nothing).Or(Compute(value)));
            return;
        }

        if (target.Has(Link.Inside))
            Tell(rule => rule.Stored(target, place));
        Spend(value);
    }

    /// <summary>A place that is both read and written.</summary>
    private Value Change(IOperation change, IOperation target, Value value)
    {
        IOperation place = Operations.Bare(target);
        Value before = VisitTarget(place);
        if (place is ILocalReferenceOperation { Local: { IsRef: false } local })
        {
            if (before.Single(Link.Copy) is { } source && change.Parent is IExpressionStatementOperation or null)
                TellOfWrittenCopy(local, source, place);
            State.Set(local, Compute(before.Or(value)));
        }
        else if (RootOf(place) is { } root)
        {
            TellIfCopied(root, place);
        }
        else if (before.Has(Link.Inside))
        {
            Tell(rule => rule.Stored(before, place));
            Spend(value);
        }
        else
        {
            Spend(value);
        }

        return Compute(before.Or(value));
    }

    private Value VisitTarget(IOperation place) =>
        place is IPropertyReferenceOperation { Property: { ReturnsByRef: false, ReturnsByRefReadonly: false } } property
        ? VisitSetter(property)
        : Visit(place);

    private Value VisitSetter(IPropertyReferenceOperation property)
    {
        Visit(property.Instance);
        foreach (IArgumentOperation argument in property.Arguments)
            Evaluate(argument.Value);
        return Value.Nothing;
    }

    /// <summary>
    /// The local or parameter that holds the struct of which a place is a part; null if the place is anywhere else.
    /// </summary>
    private static ISymbol? RootOf(IOperation place)
    {
        IOperation? part = place;
        while (part is IFieldReferenceOperation or IInlineArrayAccessOperation)
            part = Around(part);
        return part != place && part is { Type: { IsValueType: true, IsRefLikeType: false } }
            and (ILocalReferenceOperation { Local.IsRef: false } or IParameterReferenceOperation { Parameter.RefKind: RefKind.None })
            ? Operations.Variable(part)
            : null;
    }

    private static IOperation? Around(IOperation part) =>
        (part is IFieldReferenceOperation field ? field.Instance : ((IInlineArrayAccessOperation)part).Instance) is { } outer
            ? Operations.Bare(outer)
            : null;

    /// <summary>What the struct that a place is a part of may be: what the variable holds, or of a tuple the element.</summary>
    private Value PartOf(ISymbol root, IOperation place)
    {
        Value held = State.Find(root) ?? Value.Other;
        if (held.Elements.IsDefault)
            return held;
        IOperation part = place;
        while (Around(part) is IFieldReferenceOperation or IInlineArrayAccessOperation)
            part = Around(part)!;
        return part != place && part is IFieldReferenceOperation element ? ElementOf(held, element.Field) : Value.Other;
    }

    /// <summary>Tells if a place that is written is a copy of what shared memory held, or a part of one.</summary>
    private void TellIfCopy(IOperation place)
    {
        IOperation bare = Operations.Bare(place);
        if (bare is ILocalReferenceOperation { Local: { IsRef: false } local })
        {
            if (State.Find(local)?.Single(Link.Copy) is { } whole)
                TellOfWrittenCopy(local, whole, bare);
        }
        else if (RootOf(bare) is { } root)
        {
            TellIfCopied(root, bare);
        }
    }

    private void TellIfCopied(ISymbol root, IOperation part)
    {
        if (PartOf(root, part).Single(Link.Copy) is { } source)
            TellOfWrittenCopy(root, source, part);
    }

    private void TellOfWrittenCopy(ISymbol local, Origin source, IOperation place) =>
        Tell(rule => rule.CopyWritten(local, source, place, _graph!));

    private Value Deconstruct(IDeconstructionAssignmentOperation deconstruction)
    {
        Value value = Evaluate(deconstruction.Value);
        Assign(deconstruction.Target, value, isReference: false);
        return value;
    }
}
