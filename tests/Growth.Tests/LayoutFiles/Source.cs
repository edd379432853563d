using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using TypedShm.Generator;

namespace TypedShm.Growth.Tests;

/// <summary>Source to what a layout file would record of it.</summary>
internal static class Source
{
    private const string Usings = "global using System; global using System.Runtime.CompilerServices; global using "
        + "System.Runtime.InteropServices; global using TypedShm;";

    private static readonly CSharpParseOptions s_language = new(LanguageVersion.CSharp14);

    private static readonly MetadataReference[] s_references =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(':').Select(path => MetadataReference.CreateFromFile(path))];

    public static CSharpCompilation Compile(string source) => CSharpCompilation.Create(
        "Acme", [CSharpSyntaxTree.ParseText(Usings, s_language), CSharpSyntaxTree.ParseText(source, s_language)], s_references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));

    public static ImmutableArray<PublishedStruct> Structs(string source) => PublishedStructs.Of(Compile(source), CancellationToken.None);

    /// <summary>What changes from one source to another, of the one struct that has the name.</summary>
    public static string[] Differences(string before, string after, string name = "S")
    {
        PublishedStruct was = Structs(before).Single(one => one.Name == name);
        PublishedStruct now = Structs(after).Single(one => one.Name == name);
        return [.. LayoutComparison.Compare(was, now).Select(difference => $"{difference.Change}: {difference.Text}")];
    }
}
