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
        else if (SharedTypes.IsView(parameter.Type) || (SharedTypes.IsOfRuntime(parameter.Type) && parameter.Type.IsRefLikeType))
            state.Set(parameter, Value.Of(BroughtIn(parameter, parameter.Type), Link.Inside));
    }

    private Origin BroughtIn(ISymbol variable, ITypeSymbol type)
    {
        if (!_broughtIn.TryGetValue(variable, out Origin? origin))
            _broughtIn.Add(variable, origin = new Origin(type, site: null, variable, owner: null));
        return origin;
    }

    private Value FieldVariable(ISymbol field)
    {
        if (State.Find(field) is { } known)
            return known;
        ITypeSymbol type = field switch
        {
            IFieldSymbol { Type: var ofField } => ofField,
            IPropertySymbol { Type: var ofProperty } => ofProperty,
            _ => ((IParameterSymbol)field).Type,
        };
        Value value = Value.Of(BroughtIn(field, type), SharedTypes.IsView(type) ? Link.Inside : Link.Whole);
        State.Set(field, value);
        return value;
    }

    private static bool IsOwnVariable(IOperation? instance) =>
        instance is null or IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ContainingTypeInstance };

    /// <summary>Other code runs, which may put something else into the fields.</summary>
    private void ForgetFields() =>
        State.MapVariables((variable, value) => variable is IFieldSymbol or IPropertySymbol ? Value.Other : value);

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
                for (int i = 0; i < tuple.Elements.Length; i++)
                    Assign(tuple.Elements[i], !value.Elements.IsDefault && i < value.Elements.Length
                        ? value.Elements[i]
                        : Compute(value).Or(Value.Other), isReference: false);
                break;
            case IDiscardOperation:
                break;
            case ILocalReferenceOperation reference when isReference || !reference.Local.IsRef:
                SetLocal(reference, value);
                break;
            case IParameterReferenceOperation { Parameter: { RefKind: RefKind.None } parameter }:
                State.Set(parameter, value);
                break;
            case IFlowCaptureReferenceOperation capture when _captured.TryGetValue(capture.Id, out IOperation captured):
                Assign(captured, value, isReference);
                break;
            case IFieldReferenceOperation field when IsOwnVariable(field.Instance) && SharedTypes.IsFollowed(field.Type):
                State.Set(field.Field, value);
                Escape(value);
                break;
            case IPropertyReferenceOperation property when IsOwnVariable(property.Instance) && SharedTypes.IsChannel(property.Type):
                State.Set(property.Property, value);
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
        else if (value.Links.IsEmpty && State.Find(local) is { } held && held.Single(Link.Copy) is { } source)
        {
            TellOfWrittenCopy(local, source, reference);
        }

        RememberAnswers();
        State.Set(local, value);
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
            if (State.Find(root) is { } held && held.Single(Link.Copy) is { } source)
                TellOfWrittenCopy(root, source, place);
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
            if (State.Find(root) is { } held && held.Single(Link.Copy) is { } source)
                TellOfWrittenCopy(root, source, place);
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

    /// <summary>The local that holds the struct of which a place is a part; null if the place is anywhere else.</summary>
    private static ILocalSymbol? RootOf(IOperation place)
    {
        IOperation? part = place;
        while (part is IFieldReferenceOperation or IInlineArrayAccessOperation)
            part = part is IFieldReferenceOperation field ? Bare(field.Instance) : Bare(((IInlineArrayAccessOperation)part).Instance);
        return part != place && part is ILocalReferenceOperation
        {
            Local:
            {
                IsRef: false,
                Type: { IsValueType: true, IsRefLikeType: false }
            } local
        } ? local : null;

        static IOperation? Bare(IOperation? operation) => operation is null ? null : Operations.Bare(operation);
    }

    private void TellOfWrittenCopy(ILocalSymbol local, Origin source, IOperation place) =>
        Tell(rule => rule.CopyWritten(local, source, place, _graph!));

    private Value Deconstruct(IDeconstructionAssignmentOperation deconstruction)
    {
        Value value = Evaluate(deconstruction.Value);
        Assign(deconstruction.Target, value, isReference: false);
        return value;
    }
}
