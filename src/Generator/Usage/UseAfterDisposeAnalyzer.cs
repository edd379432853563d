using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace TypedShm.Generator;

/// <summary>TSHM0107: a view or reference is used when its memory has been given back.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UseAfterDisposeAnalyzer() : UsageAnalyzer(Descriptor)
{
    internal static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0107",
        title: "A view is used after its memory was given back",
        messageFormat: "'{0}' refers to the memory of '{1}', which was disposed before: use it before '{1}' is disposed",
        category: RuleCategories.Concurrency,
        defaultSeverity: DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "After Dispose a view or reference reads zeros, or a message that came later, and what is written through it is lost.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0107.md");

    /// <inheritdoc/>
    protected override void Register(CompilationStartAnalysisContext start) => start.RegisterOperationAction(Check, OperationKind.Block);

    private static void Check(OperationAnalysisContext context)
    {
        IBlockOperation block = (IBlockOperation)context.Operation;
        for (int i = 0; i < block.Operations.Length - 1; i++)
        {
            foreach (ISymbol owner in DisposedBy(block.Operations[i]))
                CheckAfter(context, block, i, owner);
        }
    }

    private static IEnumerable<ISymbol> DisposedBy(IOperation statement)
    {
        IEnumerable<ISymbol?> disposed = statement switch
        {
            IUsingOperation { Resources: var resources } => resources is IVariableDeclarationGroupOperation group ? group.GetDeclaredVariables() : [Operations.Variable(resources)],
            ITryOperation { Finally: { } last } => last.Operations.Select(static inner => Operations.DisposedBy(inner)),
            IBlockOperation inner => inner.Operations.OfType<IUsingDeclarationOperation>().SelectMany(static declaration => declaration.DeclarationGroup.GetDeclaredVariables()),
            _ => [Operations.DisposedBy(statement)],
        };
        return disposed.OfType<ISymbol>().Where(static symbol => SharedTypes.HoldsMemory((symbol as ILocalSymbol)?.Type ?? (symbol as IParameterSymbol)?.Type));
    }

    private static void CheckAfter(OperationAnalysisContext context, IBlockOperation block, int index, ISymbol owner)
    {
        HashSet<ISymbol> stale = ReferencesInto(owner, block, block.Operations[index].Syntax.Span.End);
        stale.Add(owner);
        for (int i = index + 1; i < block.Operations.Length; i++)
        {
            foreach (IOperation operation in block.Operations[i].DescendantsAndSelf())
            {
                if (operation is ISimpleAssignmentOperation { Target: var target } && Operations.Variable(target) is { } assigned && (operation is not ISimpleAssignmentOperation { IsRef: false } || !IsRefLocal(assigned)))
                    stale.Remove(assigned);
                else if (operation is ILocalReferenceOperation or IParameterReferenceOperation && Operations.Variable(operation) is { } used && stale.Contains(used) && IsUse(operation, used, owner))
                    context.ReportDiagnostic(Diagnostic.Create(Descriptor, operation.Syntax.GetLocation(), operation.Syntax.ToString(), owner.Name));
            }
        }
    }

    // Of the owner itself only the ways to its memory count: it may still be asked for its state, or disposed again.
    private static bool IsUse(IOperation reference, ISymbol used, ISymbol owner) =>
        !SymbolEqualityComparer.Default.Equals(used, owner)
        || (reference.Parent is IPropertyReferenceOperation { Property: var property } && (SharedTypes.IsWayIn(property) || property.Type.IsRefLikeType));

    /// <summary>The locals that were made of the owner, directly or by way of others, before a place in the source.</summary>
    private static HashSet<ISymbol> ReferencesInto(ISymbol owner, IBlockOperation block, int before)
    {
        IOperation root = block;
        while (root.Parent is not null)
            root = root.Parent;

        HashSet<ISymbol> found = new(SymbolEqualityComparer.Default);
        foreach (IOperation operation in root.Descendants().TakeWhile(operation => operation.Syntax.SpanStart < before || operation is IBlockOperation))
        {
            (ISymbol? variable, IOperation? value) = operation switch
            {
                IVariableDeclaratorOperation declarator => (declarator.Symbol, declarator.GetVariableInitializer()?.Value),
                ISimpleAssignmentOperation assignment => (Operations.Variable(assignment.Target), assignment.Value),
                _ => default((ISymbol?, IOperation?)),
            };
            if (variable is not ILocalSymbol local || value is null || !(local.IsRef || local.Type.IsRefLikeType) || SharedTypes.HoldsMemory(local.Type))
                continue;
            if (Roots(value).Any(source => SymbolEqualityComparer.Default.Equals(source, owner) || found.Contains(source)))
                found.Add(local);
            else if (!local.IsRef || operation is ISimpleAssignmentOperation { IsRef: true })
                found.Remove(local);
        }

        return found;
    }

    /// <summary>The variables that a value takes its memory from.</summary>
    private static IEnumerable<ISymbol> Roots(IOperation value) => Operations.Bare(value) switch
    {
        ILocalReferenceOperation { Local: var local } => [local],
        IParameterReferenceOperation { Parameter: var parameter } => [parameter],
        IPropertyReferenceOperation { Instance: { } instance } => Roots(instance),
        IFieldReferenceOperation { Instance: { } instance } => Roots(instance),
        IConversionOperation { Operand: var operand } => Roots(operand),
        IInvocationOperation { Instance: { } instance } => Roots(instance),
        IObjectCreationOperation { Type.IsRefLikeType: true, Arguments: var arguments } => arguments.SelectMany(static argument => Roots(argument.Value)),
        IConditionalOperation { WhenTrue: var yes, WhenFalse: { } no } => Roots(yes).Concat(Roots(no)),
        _ => [],
    };

    private static bool IsRefLocal(ISymbol symbol) => symbol is ILocalSymbol { IsRef: true };
}
