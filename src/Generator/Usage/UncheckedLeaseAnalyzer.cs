using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace TypedShm.Generator;

/// <summary>TSHM0111: a lease that the writer may overwrite is never asked whether it was.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UncheckedLeaseAnalyzer() : UsageAnalyzer(Descriptor)
{
    internal static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0111",
        title: "A lease is never asked whether it is intact",
        messageFormat: "The writer can overwrite what '{0}' shows while it is read, and nothing here notices: ask '{0}.IsIntact' after reading and before using what was read, or copy it with TryRead",
        category: RuleCategories.Concurrency,
        defaultSeverity: DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "Readers of a state or a lossy broadcast never hold the writer back. What they read in place counts only if it is intact afterwards.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0111.md");

    /// <summary>The members that show what the writer may overwrite.</summary>
    private static readonly string[] s_readings = ["Value", "View", "Payload", "PayloadAs"];

    /// <inheritdoc/>
    protected override void Register(CompilationStartAnalysisContext start) => start.RegisterOperationBlockAction(Check);

    private static void Check(OperationBlockAnalysisContext context)
    {
        foreach (IOperation root in context.OperationBlocks)
        {
            foreach (ILocalSymbol lease in LocalUses.DeclaredIn(root, SharedTypes.IsOverwritableLease))
            {
                LocalUses uses = LocalUses.Of(lease, root);
                if (!uses.Escapes && !uses.Members.Contains("IsIntact") && uses.Members.Overlaps(s_readings))
                    context.ReportDiagnostic(Diagnostic.Create(Descriptor, lease.Locations[0], lease.Name));
            }
        }
    }
}
