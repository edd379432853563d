using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace TypedShm.Generator;

/// <summary>
/// Carries out the operations of a method on what is known of its variables. It knows what the runtime's methods do to ends, claims and
/// leases; what goes to code that it cannot see has escaped, and is not spoken of. Local functions, and lambdas that are called where
/// they can be seen, are carried out in place.
/// </summary>
internal sealed partial class Interpreter(Compilation compilation, ImmutableArray<FlowRule> rules) : IFollowedMethod, IFlowTransfer
{
    private readonly Dictionary<(IOperation Site, int Index), Origin> _made = [];
    private readonly Dictionary<CaptureId, IOperation> _captured = [];
    private readonly HashSet<IOperation> _copies = [];
    private readonly Dictionary<object, Origin> _broughtIn = new(VariableComparer.Instance);

    /// <summary>What is known at the operation that is carried out.</summary>
    public FlowState State { get; set; } = new();

    /// <summary>Whether the rules are told; not while states are still growing.</summary>
    public bool IsReporting { get; set; }

    /// <summary>Whether the method is too complex to be followed to its end; then nothing is said of it.</summary>
    public bool GivesUp { get; set; }

    /// <summary>Whether a variable is read that holds a copy of what shared memory held.</summary>
    public bool MakesCopies => _copies.Count > 0;

    /// <summary>What the method makes.</summary>
    public IEnumerable<Origin> Made => _made.Values;

    /// <summary>Whether the variable holds a plain copy of what shared memory held, where it is mentioned.</summary>
    public bool HoldsCopy(IOperation variable) => _copies.Contains(variable);

    /// <summary>The graphs of the method and of the functions in it.</summary>
    public IEnumerable<ControlFlowGraph> Graphs => _graphs;

    /// <summary>Carries out a method, and then what stands in its lambdas and in local functions that nobody calls.</summary>
    public void Run(ControlFlowGraph graph, IMethodSymbol? method)
    {
        FlowState entry = new();
        foreach (IParameterSymbol parameter in method?.Parameters ?? [])
            BringIn(entry, parameter);
        IsReporting = true;
        RunRoot(graph, entry);
        if (GivesUp)
            return;
        foreach (FlowRule rule in rules)
            rule.Completed(this);
    }

    public void Execute(IOperation operation)
    {
        IOperation inner = operation is IExpressionStatementOperation statement ? statement.Operation : operation;
        Visit(inner);
    }

    /// <summary>What the function returns goes to its caller, if that is seen; else it has escaped.</summary>
    public Value Return(IOperation value)
    {
        Value returned = _depth > 0 ? Visit(value) : Evaluate(value);
        if (_depth > 0)
            return SharedTypes.CanRefer(value.Type) || returned.Has(Link.Whole) ? returned : Load(value, returned);
        Escape(returned);
        Spend(returned);
        return returned;
    }

    /// <summary>The value of an operation; a place in shared memory is read.</summary>
    private Value Evaluate(IOperation? operation)
    {
        if (operation is null)
            return Value.Nothing;
        return GiveAway(Load(operation, Visit(operation)));
    }

    /// <summary>The value goes on to where an answer in it is not followed.</summary>
    private Value GiveAway(Value value)
    {
        if (!value.Elements.IsDefault && value.Elements.Any(static element => element.Has(Link.Answer)))
            return Value.OfTuple(value.Elements.Select(GiveAway).ToArray());
        if (!value.Has(Link.Answer))
            return value;
        foreach (Origin lease in value.Those(Link.Answer))
            State[lease] = State[lease].AfterUnfollowedAnswer();
        return value.Map(static link => link & ~Link.Answer);
    }

    private Value Load(IOperation place, Value value)
    {
        if (!value.Has(Link.Inside) || place.Type is null || SharedTypes.CanRefer(place.Type))
            return value;
        Read(place is IFlowCaptureReferenceOperation capture && _captured.TryGetValue(capture.Id, out IOperation captured)
            ? captured
            : place, value);
        return value.Map(static link => (link & Link.Inside) != 0 ? (link & ~(Link.Inside | Link.Atomic)) | Link.Copy : link);
    }

    /// <summary>The value of an operation, where a place stays a place.</summary>
    private Value Visit(IOperation? operation)
    {
        switch (operation)
        {
            case null or ILiteralOperation or IDefaultValueOperation:
                return Value.Nothing;
            case IConversionOperation { OperatorMethod: null } conversion:
                return Visit(conversion.Operand);
            case IConversionOperation conversion:
                return Derive(conversion.Type, Visit(conversion.Operand));
            case IParenthesizedOperation { Operand: var operand }:
                return Visit(operand);
            case IAwaitOperation wait:
                ForgetFields();
                return Visit(wait.Operation);
            case ILocalReferenceOperation { IsDeclaration: true }:
                return Value.Nothing;
            case IParameterReferenceOperation { Parameter: var parameter } when SharedTypes.IsFollowed(parameter.Type):
                // Of a primary constructor or an extension block, if it was not met.
                return Mention(operation, MemberValue(parameter, parameter));
            case ILocalReferenceOperation or IParameterReferenceOperation:
                return Mention(operation, State.Find(Operations.Variable(operation)!) ?? Value.Other);
            case IFlowCaptureReferenceOperation capture:
                return State.Find(capture.Id) ?? Value.Other;
            case IFlowCaptureOperation capture:
                _captured[capture.Id] = capture.Value;
                State.Set(capture.Id, Visit(capture.Value));
                if (capture.Value.Type?.SpecialType == SpecialType.System_Boolean)
                    RememberAnswers();
                return Value.Nothing;
            case IFieldReferenceOperation field:
                return VisitField(field);
            case IPropertyReferenceOperation property:
                return VisitProperty(property);
            case IInlineArrayAccessOperation element:
                Evaluate(element.Argument);
                return Visit(element.Instance);
            case IAddressOfOperation address:
                // What is done with a pointer is not followed.
                Visit(address.Reference);
                return Value.Other;
            case IInvocationOperation call:
                return Call(call);
            case IObjectCreationOperation creation:
                return Create(creation);
            case ISimpleAssignmentOperation assignment:
                return AssignFrom(assignment);
            case ICompoundAssignmentOperation assignment:
                return Change(assignment, assignment.Target, Evaluate(assignment.Value));
            case IIncrementOrDecrementOperation change:
                return Change(change, change.Target, Value.Nothing);
            case IDeconstructionAssignmentOperation deconstruction:
                return Deconstruct(deconstruction);
            case IDeclarationExpressionOperation declaration:
                return Visit(declaration.Expression);
            case ITupleOperation tuple:
                return Value.OfTuple(tuple.Elements.Select(element => Load(element, Visit(element))).ToArray());
            case IUnaryOperation { OperatorKind: UnaryOperatorKind.Not } not:
                return Negate(Visit(not.Operand));
            case IIsPatternOperation { Pattern: var asked } test when Truth(asked) is { } isTrue:
                return isTrue ? Visit(test.Value) : Negate(Visit(test.Value));
            case IIsPatternOperation pattern:
                Value tested = Visit(pattern.Value);
                if (AskByPattern(pattern.Pattern, tested) is { } answer)
                    return answer;
                foreach (IPropertySubpatternOperation part in pattern.Pattern.Descendants().OfType<IPropertySubpatternOperation>())
                {
                    if (!SharedTypes.CanRefer(part.Member.Type))
                        Read(part.Member, tested);
                }

                Value matched = Load(pattern.Value, tested);
                Declare(pattern.Pattern, matched);
                return Compute(matched);
            case IIsNullOperation test:
                return Compute(Visit(test.Operand));
            case IIsTypeOperation test:
                return Compute(Visit(test.ValueOperand));
            case IBinaryOperation
            {
                OperatorKind: (BinaryOperatorKind.Equals or BinaryOperatorKind.NotEquals) and var kind,
                RightOperand.ConstantValue: { Value: bool constant }
            } compared:
                return constant == (kind == BinaryOperatorKind.Equals) ? Visit(compared.LeftOperand) : Negate(Visit(compared.LeftOperand));
            case IBinaryOperation binary:
                return Compute(Evaluate(binary.LeftOperand).Or(Evaluate(binary.RightOperand)));
            case IFlowAnonymousFunctionOperation lambda:
                return Value.OfFunction(lambda);
            case IDelegateCreationOperation creation:
                return VisitDelegate(creation);
            case IReturnOperation { ReturnedValue: { } yielded }:
                Value value = Evaluate(yielded);
                Escape(value);
                Spend(value);
                return Value.Nothing;
            default:
                return VisitOthers(operation);
        }
    }

    // Whatever is put into something that is not followed has escaped.
    private Value VisitOthers(IOperation operation)
    {
        Value all = Value.Nothing;
        foreach (IOperation child in operation.ChildOperations)
        {
            Value value = Evaluate(child);
            Escape(value);
            all = all.Or(value);
        }

        return Derive(operation.Type, all);
    }

    private Value VisitField(IFieldReferenceOperation field)
    {
        if ((SharedTypes.IsFollowed(field.Type) || SharedTypes.IsView(field.Type))
            && MemberVariable(field.Instance, field.Field) is { } variable)
            return Mention(field, MemberValue(variable, field.Field));
        if (field.Instance is null)
            return Value.Other;
        Value instance = Visit(field.Instance);
        if (!instance.Elements.IsDefault && field.Field.ContainingType.IsTupleType)
            return ElementOf(instance, field.Field);
        if (!instance.Has(Link.Inside))
            return Compute(instance);
        return MetadataNames.FindAttribute(field.Field, MetadataNames.Atomic) is null
            ? instance
            : instance.Map(static link => (link & Link.Inside) != 0 ? link | Link.Atomic : link);
    }

    private static Value ElementOf(Value tuple, IFieldSymbol field)
    {
        int index = field.ContainingType.TupleElements.IndexOf(field);
        if (index < 0)
            index = field.ContainingType.TupleElements.Select(static element => element.CorrespondingTupleField)
                .ToImmutableArray().IndexOf(field.CorrespondingTupleField);
        return index >= 0 && index < tuple.Elements.Length ? tuple.Elements[index] : Value.Other;
    }

    private Value VisitProperty(IPropertyReferenceOperation property)
    {
        if (property.Arguments.IsEmpty && SharedTypes.IsChannel(property.Type)
            && !SharedTypes.IsOfRuntime(property.Property.ContainingType)
            && MemberVariable(property.Instance, property.Property) is { } variable)
            return Mention(property, MemberValue(variable, property.Property));
        Value instance = Visit(property.Instance);
        if (property.Property is { Name: "Value", ContainingType.OriginalDefinition.SpecialType: SpecialType.System_Nullable_T })
            return instance;
        foreach (IArgumentOperation argument in property.Arguments)
            Evaluate(argument.Value);
        if (property.Property.Name == "IsIntact" && instance.Has(Link.Whole))
            return instance.Single(Link.Whole) is { } lease ? Ask(lease) : AskOneOf(instance);
        return Member(property, instance, property.Type, SharedTypes.IsByReference(property.Property));
    }

    /// <summary>What a member of a value gives: a way into its memory, a place there, or something computed.</summary>
    private Value Member(IOperation member, Value instance, ITypeSymbol? type, bool isByReference)
    {
        if (!SharedTypes.CanRefer(type) && !isByReference)
        {
            Read(member, instance);
            return Compute(instance);
        }

        foreach (Origin origin in instance.Those(Link.Whole))
            Tell(rule => rule.Entered(origin, Receiver(member), State));
        if (!instance.Has(Link.Whole | Link.Inside) && member is IPropertyReferenceOperation { Property: var property }
            && SharedTypes.IsAddress(property) && !SharedTypes.IsSpan(property.ContainingType))
            return Value.Of(BroughtIn(property.ContainingType,
                Operations.Bare(((IPropertyReferenceOperation)member).Instance ?? member).Type ?? property.ContainingType), Link.Inside);
        return instance.Map(static link => (link & (Link.Whole | Link.Inside)) != 0 ? Link.Inside : link & Link.Data);
    }

    private static IOperation Receiver(IOperation member) => member switch
    {
        IPropertyReferenceOperation { Instance: { } instance } => Operations.Bare(instance),
        IInvocationOperation { Instance: { } instance } => Operations.Bare(instance),
        _ => member,
    };

    /// <summary>A variable that refers into memory is mentioned.</summary>
    private Value Mention(IOperation variable, Value value)
    {
        if (IsReporting && value.Single(Link.Data) is not null)
            _copies.Add(variable);
        if (!value.MayBeOther && value.Has(Link.Inside))
            Tell(rule => rule.Mentioned(value, variable, State));
        return value;
    }

    private static Value Compute(Value value) =>
        value.Map(static link => (link & Link.Data) != 0 || (link & Link.Inside) != 0 ? Link.Computed : Link.None);

    // What is made of a reference into memory refers to it too, if its type can; else it is computed.
    private static Value Derive(ITypeSymbol? type, Value value) => SharedTypes.CanRefer(type)
        ? value.Map(static link => (link & (Link.Whole | Link.Inside)) != 0 ? Link.Inside : link & Link.Data)
        : Compute(value);

    private static Value Negate(Value value) => value.Map(static link => link switch
    {
        Link.Intact => Link.Torn,
        Link.Torn => Link.Intact,
        Link.Made => Link.NotMade,
        Link.NotMade => Link.Made,
        _ => link & Link.Data,
    });

    /// <summary>What a value is if the pattern matches: true, false, or null if the pattern says neither.</summary>
    private static bool? Truth(IPatternOperation pattern) => pattern switch
    {
        IConstantPatternOperation { Value.ConstantValue: { HasValue: true, Value: bool constant } } => constant,
        INegatedPatternOperation { Pattern: var negated } => !Truth(negated),
        _ => null,
    };

    private void Declare(IPatternOperation pattern, Value value)
    {
        ISymbol? declared = pattern switch
        {
            IDeclarationPatternOperation { DeclaredSymbol: var ofType } => ofType,
            IRecursivePatternOperation { DeclaredSymbol: var ofParts } => ofParts,
            _ => null,
        };
        if (declared is not null)
            SetVariable(declared, value);
    }

    private void Tell(Action<FlowRule> what)
    {
        if (!IsReporting)
            return;
        foreach (FlowRule rule in rules)
            what(rule);
    }
}
