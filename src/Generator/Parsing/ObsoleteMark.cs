using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace TypedShm.Generator;

/// <summary>What <c>[Obsolete]</c> on a symbol says.</summary>
internal static class ObsoleteMark
{
    /// <returns>The attribute for use in source, without brackets, or null if the symbol is not obsolete.</returns>
    public static string? Of(ISymbol symbol)
    {
        if (MetadataNames.FindAttribute(symbol, MetadataNames.Obsolete) is not { } attribute)
            return null;
        string arguments = string.Join(", ", attribute.ConstructorArguments.Select(static argument => argument.ToCSharpString()));
        return arguments.Length == 0 ? "global::System.Obsolete" : $"global::System.Obsolete({arguments})";
    }
}
