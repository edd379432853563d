using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0116: a lease, a batch, a reply or a held message is made, goes nowhere else, and is disposed on no path.</summary>
internal sealed class KeptLeaseRule(Action<Diagnostic> report) : FlowRule(report)
{
    internal static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0116",
        title: "A message is never given back",
        messageFormat: "'{0}' is never disposed, so that its slot is never given back and the other side runs out of room: declare it "
            + "with 'using'",
        category: RuleCategories.Concurrency,
        defaultSeverity: DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "A message that is read in place stays taken until its lease is disposed, a held one until it is disposed itself. "
            + "The writer waits for the oldest.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0116.md");

    public override void Completed(IFollowedMethod method)
    {
        foreach (Origin lease in method.Made)
        {
            if (lease is { IsDisposed: false, HasEscaped: false } && !SharedTypes.IsChannel(lease.Type)
                && !SharedTypes.IsClaim(lease.Type) && SharedTypes.HoldsMemory(lease.Type))
                Report(Descriptor, lease.Location, lease.Name);
        }
    }
}
