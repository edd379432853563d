using System.Globalization;
using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>
/// TSHM0116: a lease, a batch, a reply or a held message is made, goes nowhere else, and is disposed on no path or not on one of the ways
/// out.
/// </summary>
internal sealed class KeptLeaseRule(Action<Diagnostic> report) : LeftOpenRule(report)
{
    internal static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0116",
        title: "A message is never given back",
        messageFormat: "'{0}' is {1}, so that its slot is never given back and the other side runs out of room: declare it with 'using'",
        category: RuleCategories.Concurrency,
        defaultSeverity: DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "A message that is read in place stays taken until its lease is disposed, a held one until it is disposed itself. "
            + "The writer waits for the oldest.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0116.md");

    protected override bool Concerns(Origin origin) =>
        !SharedTypes.IsChannel(origin.Type) && !SharedTypes.IsClaim(origin.Type) && SharedTypes.HoldsMemory(origin.Type);

    protected override bool IsFinished(Origin origin) => origin.IsDisposed;

    protected override void Report(Origin origin, string how) =>
        Report(Descriptor, origin.Location, origin.Name, string.Format(CultureInfo.InvariantCulture, how, "disposed"));
}
