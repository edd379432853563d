using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace TypedShm.Generator;

/// <summary>TSHM0106: a loop waits for a plain field.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class EndlessLoopAnalyzer() : UsageAnalyzer(Descriptor)
{
    internal static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0106",
        title: "A loop that waits for a plain field need never end",
        messageFormat: "Nothing makes this loop read '{0}' again, so it need never end: use Volatile.Read({1} {0}), mark the field [Atomic], or wait with Wait or WaitAsync",
        category: RuleCategories.Concurrency,
        defaultSeverity: DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "The compiler may read a plain field once and keep the value, since it knows of nobody else who writes it.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0106.md");

    /// <inheritdoc/>
    protected override void Register(CompilationStartAnalysisContext start) => start.RegisterOperationAction(Check, OperationKind.Loop);

    private static void Check(OperationAnalysisContext context)
    {
        (IOperation? condition, IEnumerable<IOperation> rest) = context.Operation switch
        {
            IWhileLoopOperation loop => (loop.Condition, [loop.Body]),
            IForLoopOperation loop => (loop.Condition, [loop.Body, .. loop.AtLoopBottom]),
            _ => default((IOperation?, IEnumerable<IOperation>)),
        };
        if (condition is null)
            return;

        List<IOperation> fields = [.. condition.DescendantsAndSelf().Where(operation => IsPlainField(operation, context.Operation.SemanticModel))];
        if (fields.Count == 0 || MayEnd(condition, rest))
            return;
        foreach (IOperation field in fields)
            context.ReportDiagnostic(Diagnostic.Create(Descriptor, field.Syntax.GetLocation(), field.Syntax.ToString(), IsReadOnly(field) ? "in" : "ref"));
    }

    /// <summary>Whether something in the loop can end it or makes the compiler read memory again.</summary>
    private static bool MayEnd(IOperation condition, IEnumerable<IOperation> rest)
    {
        HashSet<ISymbol> conditionals = new(condition.Descendants().Select(static operation => Operations.Variable(operation)!).Where(static variable => variable is not null), SymbolEqualityComparer.Default);
        return rest.Prepend(condition).SelectMany(static part => part.DescendantsAndSelf()).Any(operation => operation switch
        {
            // A call can do anything; a view's own properties are no more than an address.
            IPropertyReferenceOperation { Property: var property } => !SharedTypes.IsView(property.ContainingType) && !SharedTypes.IsWayIn(property),
            IInvocationOperation or IObjectCreationOperation or IDynamicInvocationOperation or IAwaitOperation or ILockOperation or IUsingOperation
                or IEventAssignmentOperation or IInterpolatedStringOperation or IForEachLoopOperation => true,
            IBinaryOperation { OperatorMethod: not null } or IUnaryOperation { OperatorMethod: not null } or IConversionOperation { OperatorMethod: not null } => true,
            IFieldReferenceOperation { Field.IsVolatile: true } => true,

            // It can be left from within.
            IReturnOperation or IThrowOperation or IBranchOperation { BranchKind: BranchKind.Break or BranchKind.GoTo } => true,
            IDeconstructionAssignmentOperation => true,
            IAssignmentOperation { Target: var target } => WritesWhatMatters(target, conditionals),
            IIncrementOrDecrementOperation { Target: var target } => WritesWhatMatters(target, conditionals),
            _ => false,
        });
    }

    // What only a local of this method holds nobody else can see, and it ends the loop only if the condition asks for it.
    private static bool WritesWhatMatters(IOperation target, HashSet<ISymbol> conditionals) =>
        Operations.Bare(target) is not (ILocalReferenceOperation { Local.IsRef: false } or IDiscardOperation) || (Operations.Variable(target) is { } variable && conditionals.Contains(variable));

    private static bool IsPlainField(IOperation operation, SemanticModel? model) => operation switch
    {
        IPropertyReferenceOperation { Property: var property } => SharedTypes.IsPlainField(property) && operation.Parent is not IFieldReferenceOperation,
        IFieldReferenceOperation { Instance: { } instance } => operation.Parent is not IFieldReferenceOperation && IsInSharedMemory(instance),
        ILocalReferenceOperation { Local: { IsRef: true, DeclaringSyntaxReferences: [var declared, ..] } } => operation.Parent is not IFieldReferenceOperation
            && model?.GetOperation(declared.GetSyntax()) is IVariableDeclaratorOperation { Initializer.Value: { } value } && IsPlainField(Operations.Bare(value), model: null),
        _ => false,
    };

    private static bool IsInSharedMemory(IOperation instance) => instance switch
    {
        IPropertyReferenceOperation { Property: var property } => SharedTypes.IsWayIn(property) || SharedTypes.IsPlainField(property),
        IFieldReferenceOperation { Instance: { } outer } => IsInSharedMemory(outer),
        _ => false,
    };

    private static bool IsReadOnly(IOperation field) => field switch
    {
        IPropertyReferenceOperation { Property: var property } => property.ReturnsByRefReadonly,
        IFieldReferenceOperation { Instance: { } instance } => IsReadOnly(instance),
        ILocalReferenceOperation { Local: var local } => local.RefKind != RefKind.Ref,
        _ => false,
    };
}
