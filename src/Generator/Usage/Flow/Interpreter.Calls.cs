using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace TypedShm.Generator;

/// <summary>Calls: what the runtime's methods make, publish and dispose, and what others are given.</summary>
internal sealed partial class Interpreter
{
    /// <summary>Methods that give back what they are called on, or what it will be.</summary>
    private static readonly HashSet<string> s_passingOn =
        ["ConfigureAwait", "AsTask", "Preserve", "GetAwaiter", "GetResult", "GetValueOrDefault"];

    private Value Call(IInvocationOperation call)
    {
        IMethodSymbol method = call.TargetMethod;
        Value receiver = Visit(call.Instance);
        if (Operations.IsDispose(method))
        {
            Dispose(call, receiver, isUsing: call.IsImplicit);
            return Value.Nothing;
        }

        if (method.MethodKind == MethodKind.LocalFunction)
            return CallFunction(method, call);
        if (method.MethodKind == MethodKind.DelegateInvoke && receiver.Function is { } function)
            return CallFunction(function, call);
        return SharedTypes.IsOfRuntime(method.ContainingType) || SharedTypes.IsView(method.ContainingType)
            ? CallRuntime(call, receiver)
            : CallOther(call, receiver);
    }

    private Value CallRuntime(IInvocationOperation call, Value receiver)
    {
        IMethodSymbol method = call.TargetMethod;
        Value arguments = Value.Nothing;
        foreach (IArgumentOperation argument in call.Arguments)
        {
            if (argument.Parameter?.RefKind != RefKind.Out)
                arguments = arguments.Or(Given(argument));
        }

        // An extension method's receiver is its first argument.
        if (method.IsExtensionMethod && call.Instance is null && call.Arguments.Length > 0)
            receiver = Visit(call.Arguments[0].Value);
        foreach (Origin origin in receiver.Those(Link.Whole).ToArray())
        {
            Tell(rule => rule.Called(origin, method, call, State));
            if (SharedTypes.Publishes(method, origin.Type))
            {
                origin.IsPublished = true;
                SetExistence(call, receiver, origin, Life.Published);
            }
        }

        if (SharedTypes.TakesOver(method))
            Dispose(call, receiver, isUsing: false);

        Value result = Make(call, receiver);
        foreach (IArgumentOperation argument in call.Arguments)
        {
            if (argument.Parameter?.RefKind != RefKind.Out)
                continue;
            Value made = Value.Other;
            if (SharedTypes.IsFollowed(argument.Parameter.Type))
            {
                Origin origin = MakeOrigin(call, argument.Parameter.Ordinal + 1, argument.Parameter.Type, receiver, Life.Tried);
                made = Value.Of(origin, Link.Whole);
                result = result.Or(Value.Of(origin, Link.Made));
            }

            Assign(argument.Value, made, isReference: false);
        }

        SpendIfUnused(call, arguments);
        return result;
    }

    /// <summary>What a call to the runtime gives: something new that has to be disposed, a way into memory, or data.</summary>
    private Value Make(IInvocationOperation call, Value receiver)
    {
        ITypeSymbol type = call.TargetMethod.ReturnType;
        if (type is INamedTypeSymbol { IsTupleType: false, Name: "ValueTask" or "Task", TypeArguments: [var awaited] })
            type = awaited;
        if (type is INamedTypeSymbol { IsTupleType: true, TupleElements: var elements }
            && elements.Any(static element => SharedTypes.IsFollowed(element.Type)))
        {
            return Value.OfTuple(elements.Select((element, index) => SharedTypes.IsFollowed(element.Type)
                ? Value.Of(MakeOrigin(call, -1 - index, element.Type, receiver, Life.Open), Link.Whole)
                : Value.Other).ToArray());
        }

        if (SharedTypes.IsFollowed(type))
            return Value.Of(MakeOrigin(call, 0, type, receiver, Life.Open), Link.Whole);

        // An adapter is all that is left of the end; to enumerate what it reads ends nothing.
        if (type is { IsReferenceType: true, SpecialType: SpecialType.None, TypeKind: not TypeKind.Interface }
            && !SharedTypes.IsOfRuntime(type))
            Escape(receiver);
        if (call.TargetMethod.Name == "Read" && receiver.Single(Link.Whole) is { } end && SharedTypes.IsChannel(end.Type)
            && SharedTypes.IsShared(type))
            return Value.Of(end, Link.Copy);
        if (call.TargetMethod.Name == "Read" && SharedTypes.IsView(call.TargetMethod.ContainingType))
            return Load(call, receiver);
        return Member(call, receiver, type, call.TargetMethod.ReturnsByRef || call.TargetMethod.ReturnsByRefReadonly);
    }

    private Origin MakeOrigin(IOperation site, int index, ITypeSymbol type, Value owner, Life life)
    {
        if (!_made.TryGetValue((site, index), out Origin? origin))
            _made.Add((site, index), origin = new Origin(type, site, variable: null, owner.Single(Link.Whole)));
        Tell(rule => rule.Making(origin, State));

        // What an earlier round of a loop has made is another one, and no longer followed.
        State.MapVariables((_, value) => value.Without(origin));
        State[origin] = life | (SharedTypes.IsOverwritableLease(type) ? Life.Unread : Life.None);
        return origin;
    }

    private Value CallOther(IInvocationOperation call, Value receiver)
    {
        IMethodSymbol method = call.TargetMethod;
        Value arguments = Value.Nothing;
        List<Action>? outs = null;
        foreach (IArgumentOperation argument in call.Arguments)
        {
            if (argument.Parameter?.RefKind == RefKind.Out)
            {
                // What refers into memory refers into that of what the method is given.
                (IOperation target, ITypeSymbol type) = (argument.Value, argument.Parameter.Type);
                (outs ??= []).Add(() => Assign(
                    target, SharedTypes.CanRefer(type) ? Derive(type, arguments.Or(receiver)) : Value.Other, isReference: false));
                continue;
            }

            Value value = argument.Parameter?.RefKind is null or RefKind.None ? Evaluate(argument.Value) : Visit(argument.Value);
            if (argument.Parameter?.RefKind == RefKind.Ref && IsAtomicStore(call))
                TellIfCopy(argument.Value);
            if (argument.Parameter?.RefKind == RefKind.Ref && Operations.Variable(argument.Value) is { } variable)
                (outs ??= []).Add(() => SetVariable(variable, value.Has(Link.Inside) ? value : Value.Other));
            arguments = arguments.Or(value);
        }

        if (receiver.Has(Link.Whole))
        {
            if (s_passingOn.Contains(method.Name))
                return receiver;
            if (method.ContainingType.SpecialType is not (SpecialType.System_Object or SpecialType.System_ValueType) && !method.IsOverride)
                Escape(receiver);
        }

        Escape(arguments);
        if (call.Instance is { Type.IsValueType: true } place && receiver.Has(Link.Inside) && !SharedTypes.CanRefer(place.Type))
            Tell(rule => rule.Loaded(receiver, Operations.Bare(place)));

        // What it does with a reference to a field is not known.
        Read(call, arguments.Or(receiver).Map(static link => link & ~Link.Atomic));
        if (MayChangeFields(method))
            ForgetFields();
        outs?.ForEach(static assign => assign());
        SpendIfUnused(call, arguments.Or(receiver));
        bool isByReference = method.ReturnsByRef || method.ReturnsByRefReadonly;
        Value result = Derive(method.ReturnType, arguments.Or(receiver));
        return isByReference
            ? arguments.Or(receiver).Map(static link => (link & (Link.Whole | Link.Inside)) != 0 ? Link.Inside : Link.None)
            : result;
    }

    /// <summary>Whether a call writes to what it is given a reference to, and nobody wants to know what stood there.</summary>
    private static bool IsAtomicStore(IInvocationOperation call) =>
        call.Parent is IExpressionStatementOperation
        && call.TargetMethod is
        {
            Name: not "Read",
            ContainingType: { Name: "Interlocked", ContainingNamespace: { Name: "Threading", ContainingNamespace.Name: "System" } }
        };

    private Value Create(IObjectCreationOperation creation)
    {
        Value arguments = Value.Nothing;
        foreach (IArgumentOperation argument in creation.Arguments)
        {
            arguments = arguments.Or(
                SharedTypes.IsOfRuntime(creation.Type) ? Given(argument)
                : argument.Parameter?.RefKind is null or RefKind.None ? Evaluate(argument.Value)
                : Visit(argument.Value));
        }

        Visit(creation.Initializer);
        if (!SharedTypes.IsOfRuntime(creation.Type))
            Escape(arguments);
        return Derive(creation.Type, arguments);
    }

    /// <summary>
    /// What the runtime is given, if need be in an array that the compiler makes: its objects, such as a wait set, own nothing of it.
    /// </summary>
    private Value Given(IArgumentOperation argument)
    {
        IOperation value = Operations.Bare(argument.Value);
        IEnumerable<IOperation>? elements = argument.ArgumentKind == ArgumentKind.Explicit ? null : value switch
        {
            IArrayCreationOperation { Initializer: { } initializer } => initializer.ElementValues,
            ICollectionExpressionOperation collection => collection.Elements,
            _ => null,
        };
        if (elements is null)
            return Evaluate(argument.Value);
        foreach (IOperation element in elements)
            Evaluate(element);
        return Value.Nothing;
    }

    private void Dispose(IOperation place, Value value, bool isUsing)
    {
        foreach (Origin origin in value.Those(Link.Whole).ToArray())
        {
            origin.IsDisposed = true;
            origin.IsGivenUp |= !isUsing;
            SetExistence(place, value, origin, Life.Disposed);
        }
    }

    // If the variable may hold another object, this one may be as it was.
    private void SetExistence(IOperation place, Value value, Origin origin, Life existence)
    {
        _ended.Add(origin);
        origin.Endings.Add(place);
        Life changed = State[origin].WithExistence(existence);
        if (value.Single(Link.Whole) is not null)
        {
            State[origin] = changed;
            return;
        }

        // Where it could not be made, the other stands in its place.
        State[origin] |= State[origin].HasFlag(Life.Failed) ? changed | Life.Absent : changed;
    }

    private void Escape(Value value)
    {
        foreach (Origin origin in value.Those(Link.Whole).ToArray())
        {
            origin.HasEscaped = true;
            State[origin] = State[origin].WithExistence(Life.Unknown).AfterUnfollowedAnswer();
        }

        if (!value.Elements.IsDefault)
        {
            foreach (Value element in value.Elements)
                Escape(element);
        }
    }
}
