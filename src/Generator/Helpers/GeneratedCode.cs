using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>Tells what the generator has added: an analyzer sees it, the generator does not.</summary>
internal static class GeneratedCode
{
    private const string Generator = "TypedShm.Generator.SharedLayoutGenerator";

    public static bool Contains(ISymbol member) =>
        member.Locations.All(static location => location.SourceTree?.FilePath.Contains(Generator) ?? false);
}
