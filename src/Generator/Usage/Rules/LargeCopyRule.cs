using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace TypedShm.Generator;

/// <summary>TSHM0109: a large struct is copied off a reference, in whatever expression.</summary>
internal static class LargeCopyRule
{
    private const int MostBytes = 256;

    internal static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0109",
        title: "A large struct is copied",
        messageFormat: "'{0}' copies the {1} bytes of '{2}' while they may change: use {3}, or Read() where a copy is meant",
        category: RuleCategories.Concurrency,
        defaultSeverity: DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "A struct of more than 256 bytes is in shared memory so that it need not be copied, and the fields of a copy are "
            + "of different moments.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0109.md");

    public static void Check(
        IOperation root, ISymbol symbol, StructSizes sizes, Action<Diagnostic> report, CancellationToken cancellationToken)
    {
        foreach (IOperation place in root.Descendants())
        {
            if (place is not (IPropertyReferenceOperation or IInvocationOperation or ILocalReferenceOperation
                or IParameterReferenceOperation or IFieldReferenceOperation or IInlineArrayAccessOperation)
                || place.Type is not INamedTypeSymbol { TypeKind: TypeKind.Struct } type || !Operations.IsReference(place)
                    || RemedyFor(place, symbol) is not { } remedy)
            {
                continue;
            }

            int size = sizes.Of(type, cancellationToken);
            if (size > MostBytes)
                report(Diagnostic.Create(Descriptor, place.Syntax.GetLocation(), place.Syntax.ToString(), size, type.Name, remedy));
        }
    }

    /// <summary>What to write instead, where a place is copied; null where only its address is taken, or that is not sure.</summary>
    private static string? RemedyFor(IOperation place, ISymbol symbol)
    {
        IOperation value = place;
        bool isBoxed = false;
        while (value.Parent is IParenthesizedOperation or IConversionOperation { OperatorMethod: null })
        {
            value = value.Parent;
            isBoxed |= value.Type?.IsReferenceType == true;
        }

        if (isBoxed)
            return "its fields";
        return value.Parent switch
        {
            IVariableInitializerOperation { Parent: IVariableDeclaratorOperation { Symbol.IsRef: false } declarator } =>
                MayRefer(declarator) ? "'ref readonly var'" : "a method that takes it by 'in'",
            IFieldInitializerOperation or IPropertyInitializerOperation => "its fields",
            ISimpleAssignmentOperation { IsRef: false } assignment when assignment.Value == value => "a reference to it",
            IArgumentOperation { Parameter.RefKind: RefKind.None } argument when argument.Value == value
                && (!argument.IsImplicit || argument.Parent?.Parent is IObjectOrCollectionInitializerOperation) =>
                IsEquals(argument, place.Type) ? "'==', which takes both by reference" : "an 'in' parameter",
            IReturnOperation { Kind: OperationKind.YieldReturn } => "its fields",
            IReturnOperation returned when !ReturnsReference(FunctionOf(returned) ?? symbol) => "'ref readonly' for what is returned",
            IConditionalOperation { IsRef: false } conditional when conditional.Condition != value =>
                "'ref readonly var' with a conditional 'ref'",
            ISwitchExpressionArmOperation arm when arm.Value == value => "its fields",
            IIsPatternOperation or ISwitchOperation or ISwitchExpressionOperation when Declares(value.Parent, place.Type) =>
                "'ref readonly var' first, and a pattern that names fields only",
            ICoalesceOperation or ITupleOperation or IArrayInitializerOperation or ICollectionExpressionOperation
                or IAnonymousObjectCreationOperation or IWithOperation or IInterpolationOperation => "its fields",
            IInvocationOperation call when call.Instance == value && Copies(place, call.TargetMethod) => "its fields",
            _ => null,
        };
    }

    // What is generated for a struct, unless it has its own.
    private static bool IsEquals(IArgumentOperation argument, ITypeSymbol? type) =>
        argument.Parent is IInvocationOperation { TargetMethod: { Name: "Equals", ContainingType: var receiver } }
        && SymbolEqualityComparer.Default.Equals(receiver, type)
        && type!.GetMembers("op_Equality").OfType<IMethodSymbol>().Any(static method => method.Parameters[0].RefKind == RefKind.In);

    // A variable of a pattern is a copy.
    private static bool Declares(IOperation test, ITypeSymbol? type) => test.Descendants().Any(inner => inner switch
    {
        IDeclarationPatternOperation { DeclaredSymbol: { } } pattern => SymbolEqualityComparer.Default.Equals(pattern.NarrowedType, type),
        IRecursivePatternOperation { DeclaredSymbol: { } } pattern => SymbolEqualityComparer.Default.Equals(pattern.NarrowedType, type),
        _ => false,
    });

    // A method that may write is given a copy of what must not be written; one that the struct inherits is given a box.
    private static bool Copies(IOperation place, IMethodSymbol method) =>
        method.ContainingType.SpecialType is SpecialType.System_ValueType or SpecialType.System_Object
        || (method.ContainingType.TypeKind == TypeKind.Struct && !method.IsReadOnly && !method.IsStatic && !method.IsImplicitlyDeclared
            && Operations.IsReadOnlyReference(place));

    /// <summary>Whether a reference may stand for the local: none lives across an await or a yield, or in a lambda.</summary>
    internal static bool MayRefer(IVariableDeclaratorOperation declarator)
    {
        IOperation root = declarator;
        while (root.Parent is { } outer && root is not (IAnonymousFunctionOperation or ILocalFunctionOperation))
            root = outer;
        return !root.Descendants()
            .Any(static inner =>
            inner is IAwaitOperation or IReturnOperation { Kind: OperationKind.YieldReturn or OperationKind.YieldBreak });
    }

    private static IMethodSymbol? FunctionOf(IOperation operation)
    {
        for (IOperation? outer = operation; outer is not null; outer = outer.Parent)
        {
            if (outer is IAnonymousFunctionOperation { Symbol: var lambda })
                return lambda;
            if (outer is ILocalFunctionOperation { Symbol: var function })
                return function;
        }

        return null;
    }

    private static bool ReturnsReference(ISymbol symbol) => symbol switch
    {
        IMethodSymbol method => method.ReturnsByRef || method.ReturnsByRefReadonly,
        IPropertySymbol property => property.ReturnsByRef || property.ReturnsByRefReadonly,
        _ => false,
    };
}
