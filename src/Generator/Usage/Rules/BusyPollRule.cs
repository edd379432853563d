using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace TypedShm.Generator;

/// <summary>TSHM0119: a loop does nothing but copy a value until it is another.</summary>
internal static class BusyPollRule
{
    internal static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0119",
        title: "A loop copies a value again and again",
        messageFormat: "Nothing in this loop waits, so it keeps a processor busy with copies of '{0}': {1}",
        category: RuleCategories.Concurrency,
        defaultSeverity: DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "Wait and WaitAsync return when the writer has published, also without ever sleeping if that is asked for by name.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0119.md");

    public static void Check(IOperation root, Action<Diagnostic> report)
    {
        foreach (IOperation operation in root.Descendants())
        {
            (IOperation? condition, IOperation? body) = operation switch
            {
                IWhileLoopOperation loop => (loop.Condition, loop.Body),
                IForLoopOperation { AtLoopBottom.IsEmpty: true } loop => (loop.Condition, loop.Body),
                _ => (null, null),
            };
            if (condition is null || body is null || !IsEmpty(body))
                continue;

            IInvocationOperation[] reads = [.. condition.DescendantsAndSelf().OfType<IInvocationOperation>().Where(IsCopy)];
            if (reads.Length > 0 && condition.DescendantsAndSelf().All(part => reads.Contains(part) || DoesNothing(part)))
                report(Diagnostic.Create(Descriptor, reads[0].Syntax.GetLocation(), reads[0].Instance!.Syntax.ToString(),
                    RemedyFor(reads[0].TargetMethod.ContainingType)));
        }
    }

    private static bool IsEmpty(IOperation body) => body switch
    {
        IBlockOperation { Operations: var operations } => operations.All(IsEmpty),
        IBranchOperation { BranchKind: BranchKind.Continue } or IEmptyOperation => true,
        _ => false,
    };

    /// <summary>
    /// Whether it copies what is there, at once: not a message, which it would wait for and take away.
    /// </summary>
    private static bool IsCopy(IInvocationOperation call) =>
        call is { Instance.Type: { } type, TargetMethod: { Name: "Read", ReturnType: var copied, Parameters: var parameters } }
        && SharedTypes.IsShared(copied) && (SharedTypes.IsView(type) || SharedTypes.IsWaitable(type))
        && parameters.All(static parameter => parameter.RefKind == RefKind.None && parameter.Type.SpecialType == SpecialType.System_Int32);

    // Whatever else is called, or changes, may wait or end the loop.
    private static bool DoesNothing(IOperation part) => part switch
    {
        IInvocationOperation { TargetMethod: var called } => SharedTypes.IsArithmetic(called),
        IPropertyReferenceOperation { Property: var property } => SharedTypes.IsAddress(property) || SharedTypes.IsStored(property),
        IBinaryOperation { OperatorMethod: { ContainingType: var type } } => SharedTypes.IsShared(type),
        IConversionOperation { OperatorMethod: not null } or IUnaryOperation { OperatorMethod: not null } => false,
        IAssignmentOperation or IIncrementOrDecrementOperation or IObjectCreationOperation or IDynamicInvocationOperation
            or IAwaitOperation or IDelegateCreationOperation or IDeclarationExpressionOperation => false,
        _ => true,
    };

    private static string RemedyFor(INamedTypeSymbol end) => end.Name switch
    {
        "SharedStateReader" => "wait for the next with Wait(known), of Read(out var known), or use ReadAllAsync()",
        "SharedTableReader" => "wait for a change with Wait(since), a TableGeneration, or use ReadAllAsync()",
        _ => "wait for its Signal() with Wait(), or use ReadAllAsync()",
    };
}
