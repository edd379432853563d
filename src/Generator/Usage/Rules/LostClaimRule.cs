using System.Globalization;
using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0112: a claim is published on no path, or is still open where the method returns.</summary>
internal sealed class LostClaimRule(Action<Diagnostic> report) : LeftOpenRule(report)
{
    internal static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0112",
        title: "A claim is never committed",
        messageFormat: "'{0}' is {2}, so nobody ever sees what is written to it: call '{0}.{1}()', or '{0}.Dispose()' to give it up",
        category: RuleCategories.Concurrency,
        defaultSeverity: DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "A claimed slot is published by Commit alone, that of a call by Call. While a claim is open its writer can write "
            + "nothing else.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0112.md");

    protected override bool Concerns(Origin origin) => SharedTypes.IsClaim(origin.Type);

    // A claim that is disposed by a call is given up on purpose.
    protected override bool IsFinished(Origin origin) => origin.IsPublished || origin.IsGivenUp;

    protected override void Report(Origin origin, string how) => Report(Descriptor, origin.Location, origin.Name,
        SharedTypes.PublishingMethod(origin.Type)!, string.Format(CultureInfo.InvariantCulture, how, "committed"));
}
