using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0302: an enum in a shared struct differs from the layout file, and not only by what was added.</summary>
internal static class PublishedMemberRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0302",
        title: "A member of a published enum must not change",
        messageFormat: "{0}. Keep the names and values of published members, and add new ones. If no program with the published layout "
            + "is in use any more, accept the change with 'dotnet build -t:UpdateTypedShmLayout'.",
        category: RuleCategories.Versioning,
        defaultSeverity: DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "Shared memory holds the numbers of an enum, not its names, so a program that was compiled with other numbers "
            + "reads something else.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0302.md");
}
