using Microsoft.CodeAnalysis.CSharp;

namespace TypedShm.Generator;

internal static class Identifiers
{
    /// <summary>The identifier as it stands in source: keywords get their <c>@</c>.</summary>
    public static string Escape(string name) =>
        SyntaxFacts.GetKeywordKind(name) != SyntaxKind.None || SyntaxFacts.GetContextualKeywordKind(name) != SyntaxKind.None
            ? "@" + name
            : name;
}
