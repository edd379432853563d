using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace TypedShm.Generator;

/// <summary>TSHM0108: a channel is made and never disposed.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class NeverDisposedAnalyzer() : UsageAnalyzer(Descriptor)
{
    internal static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0108",
        title: "A channel is never disposed",
        messageFormat: "{0} is never disposed, so its memory, its descriptors and its name stay taken until the process ends: declare it with 'using'",
        category: RuleCategories.Concurrency,
        defaultSeverity: DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "No finalizer gives shared memory back, since a view could still be in use.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0108.md");

    /// <inheritdoc/>
    protected override void Register(CompilationStartAnalysisContext start) => start.RegisterOperationAction(Check, OperationKind.Invocation);

    private static void Check(OperationAnalysisContext context)
    {
        IInvocationOperation call = (IInvocationOperation)context.Operation;
        if (!SharedTypes.IsOfRuntime(call.TargetMethod.ContainingType) || !Makes(call.TargetMethod.ReturnType))
            return;

        IOperation value = call;
        while (value.Parent is IAwaitOperation or IConversionOperation or IInvocationOperation { TargetMethod.Name: "ConfigureAwait" })
            value = value.Parent;
        switch (value.Parent)
        {
            case IExpressionStatementOperation:
            case ISimpleAssignmentOperation { Target: IDiscardOperation }:
            case IMemberReferenceOperation member when member.Instance == value && member.Member is not IFieldSymbol && SharedTypes.IsChannel(value.Type):
            case IInvocationOperation invocation when invocation.Instance == value && SharedTypes.IsChannel(value.Type) && !Operations.IsDispose(invocation.TargetMethod):
                context.ReportDiagnostic(Diagnostic.Create(Descriptor, call.Syntax.GetLocation(), $"What '{call.TargetMethod.ContainingType.Name}.{call.TargetMethod.Name}' returns"));
                break;
            case IVariableInitializerOperation { Parent: IVariableDeclaratorOperation declarator } when !IsUsed(declarator):
                CheckLocal(context, declarator.Symbol);
                break;
            case IDeconstructionAssignmentOperation { Target: var target }:
                foreach (ILocalReferenceOperation declared in target.DescendantsAndSelf().OfType<ILocalReferenceOperation>())
                    CheckLocal(context, declared.Local);
                break;
        }
    }

    private static void CheckLocal(OperationAnalysisContext context, ILocalSymbol local)
    {
        if (!SharedTypes.IsChannel(local.Type))
            return;
        IOperation root = context.Operation;
        while (root.Parent is not null)
            root = root.Parent;
        LocalUses uses = LocalUses.Of(local, root);
        if (!uses.Escapes && !uses.Members.Contains("Dispose") && !uses.Members.Contains("DisposeAsync"))
            context.ReportDiagnostic(Diagnostic.Create(Descriptor, local.Locations[0], $"'{local.Name}'"));
    }

    private static bool IsUsed(IVariableDeclaratorOperation declarator)
    {
        for (IOperation? outer = declarator.Parent; outer is IVariableDeclarationOperation or IVariableDeclarationGroupOperation or IUsingDeclarationOperation or IUsingOperation; outer = outer.Parent)
        {
            if (outer is IUsingDeclarationOperation or IUsingOperation)
                return true;
        }

        return false;
    }

    // A channel, a task of one, or a tuple of both ends.
    private static bool Makes(ITypeSymbol type) => SharedTypes.IsChannel(type)
        || (type is INamedTypeSymbol { IsTupleType: false, Name: "ValueTask" or "Task", TypeArguments: [var result] } && Makes(result))
        || (type is INamedTypeSymbol { IsTupleType: true, TupleElements: var elements } && elements.Any(static element => SharedTypes.IsChannel(element.Type)));
}
