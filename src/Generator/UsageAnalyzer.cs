using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace TypedShm.Generator;

/// <summary>
/// Hosts the rules on how shared memory is used. A method that mentions nothing of the library is left at once; of one that does, the
/// compiler's control-flow graph is carried out once, for all rules that follow values through it.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UsageAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
    [
        EndlessLoopRule.Descriptor,
        UseAfterDisposeRule.Descriptor,
        NeverDisposedRule.Descriptor,
        LargeCopyRule.Descriptor,
        LargeMessageRule.Descriptor,
        UncheckedLeaseRule.Descriptor,
        LostClaimRule.Descriptor,
        WrittenCopyRule.Descriptor,
        UseAfterCommitRule.Descriptor,
        DisposedEndRule.Descriptor,
        KeptLeaseRule.Descriptor,
        SecondClaimRule.Descriptor,
        PlainAtomicRule.Descriptor,
        BusyPollRule.Descriptor,
    ];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            if (start.Compilation.GetTypeByMetadataName(MetadataNames.SharedLayout) is null)
                return;
            StructSizes sizes = new();
            start.RegisterOperationBlockAction(block => Check(block, sizes));
        });
    }

    private static void Check(OperationBlockAnalysisContext context, StructSizes sizes)
    {
        HashSet<IOperation> roots = [];
        foreach (IOperation block in context.OperationBlocks)
        {
            IOperation root = block;
            while (root.Parent is { } outer)
                root = outer;
            if (root.Kind is not (OperationKind.MethodBody or OperationKind.ConstructorBody or OperationKind.Block
                or OperationKind.FieldInitializer or OperationKind.PropertyInitializer)
                || !roots.Add(root) || !Mentions(root))
            {
                continue;
            }

            HashSet<(string Id, Location Place)> reported = [];
            void Report(Diagnostic diagnostic)
            {
                if (reported.Add((diagnostic.Id, diagnostic.Location)))
                    context.ReportDiagnostic(diagnostic);
            }

            LargeCopyRule.Check(root, context.OwningSymbol, sizes, Report, context.CancellationToken);
            BusyPollRule.Check(root, Report);
            LargeMessageRule.Check(root, sizes, Report, context.CancellationToken);
            Interpreter interpreter = new(context.Compilation,
            [
                new EndlessLoopRule(Report),
                new UseAfterDisposeRule(Report),
                new NeverDisposedRule(Report),
                new UncheckedLeaseRule(Report),
                new LostClaimRule(Report),
                new WrittenCopyRule(Report),
                new UseAfterCommitRule(Report),
                new DisposedEndRule(Report),
                new KeptLeaseRule(Report),
                new SecondClaimRule(Report),
                new PlainAtomicRule(Report),
            ]);
            interpreter.Run(context.GetControlFlowGraph(block), context.OwningSymbol as IMethodSymbol);
        }
    }

    /// <summary>Whether anything of the library's types stands in the method; most methods of most projects end here.</summary>
    private static bool Mentions(IOperation operation)
    {
        if (SharedTypes.IsOfRuntime(operation.Type) || SharedTypes.IsView(operation.Type)
            || (operation is IParameterReferenceOperation { Parameter: var parameter } && SharedTypes.RefersToShared(parameter)))
        {
            return true;
        }

        foreach (IOperation child in operation.ChildOperations)
        {
            if (Mentions(child))
                return true;
        }

        return false;
    }
}
