using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0006: a field is as large as the process's pointers.</summary>
internal static class NativeSizeRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0006",
        title: "A shared struct must not contain values of native size",
        messageFormat: "Field '{0}' is of native size ('{1}'): use '{2}', so that every process agrees",
        category: RuleCategories.Layout,
        defaultSeverity: DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "The size of the type depends on the process that uses it.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0006.md");

    /// <returns>The type to use instead, or null if the type's size is fixed.</returns>
    public static string? ReplacementFor(ITypeSymbol type) => type.SpecialType switch
    {
        SpecialType.System_IntPtr => "long",
        SpecialType.System_UIntPtr => "ulong",
        _ => MetadataNames.Of(type) switch
        {
            "System.Runtime.InteropServices.CLong" => "long",
            "System.Runtime.InteropServices.CULong" => "ulong",
            "System.Runtime.InteropServices.NFloat" => "double",
            _ => null,
        },
    };
}
