using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace TypedShm.Generator;

/// <summary>TSHM0112: a claim is neither committed nor given up.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class LostClaimAnalyzer() : UsageAnalyzer(Descriptor)
{
    internal static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0112",
        title: "A claim is never committed",
        messageFormat: "'{0}' is never committed, so nobody ever sees what is written to it: call '{0}.{1}()', or '{0}.Dispose()' to give it up",
        category: RuleCategories.Concurrency,
        defaultSeverity: DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "A claimed slot is published by Commit alone, that of a call by Call. While a claim is open its writer can write nothing else.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0112.md");

    /// <inheritdoc/>
    protected override void Register(CompilationStartAnalysisContext start) => start.RegisterOperationBlockAction(Check);

    private static void Check(OperationBlockAnalysisContext context)
    {
        foreach (IOperation root in context.OperationBlocks)
        {
            foreach (ILocalSymbol claim in LocalUses.DeclaredIn(root, SharedTypes.IsClaim))
            {
                LocalUses uses = LocalUses.Of(claim, root);
                string publish = SharedTypes.PublishingMethod(claim.Type)!;
                if (!uses.Escapes && !uses.Members.Contains(publish) && !uses.Members.Contains(nameof(IDisposable.Dispose)))
                    context.ReportDiagnostic(Diagnostic.Create(Descriptor, claim.Locations[0], claim.Name, publish));
            }
        }
    }
}
