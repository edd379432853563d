using System.Runtime.InteropServices;
using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0010: the struct declares a layout that cannot be shared.</summary>
internal static class LayoutKindRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0010",
        title: "The layout of a shared struct must be sequential or explicit",
        messageFormat: "'{0}' uses LayoutKind.{1}, which leaves the order of its fields to the runtime: remove the attribute, or use "
            + "Sequential or Explicit",
        category: RuleCategories.Layout,
        defaultSeverity: DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "Only the order of declaration, or offsets that the source gives, are the same in every process.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0010.md");

    public static void Check(INamedTypeSymbol type, ParseReport report)
    {
        LayoutKind kind = DeclaredLayout.Of(type).Kind;
        if (kind is not (LayoutKind.Sequential or LayoutKind.Explicit))
            report.Add(Descriptor, type, type.Name, kind);
    }
}
