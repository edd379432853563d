using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Testing;

namespace TypedShm.Generator.Tests;

/// <summary>
/// Checks the rules on what can be shared: exactly the marked places are reported, the compiler finds no error but where it is
/// marked, every struct called <c>Good…</c> gets generated code and none called <c>Bad…</c> does.
/// </summary>
internal static class Validity
{
    public static async Task<string> Check(string markup, Func<TestProject, TestProject>? configure = null)
    {
        configure ??= static project => project;
        ImmutableArray<Diagnostic> found = await Analysis.Check("using TypedShm;\n" + markup, source => configure(new TestProject(source)));

        TestFileMarkupParser.GetSpans("using TypedShm;\n" + markup, out string plain,
            out ImmutableDictionary<string, ImmutableArray<Microsoft.CodeAnalysis.Text.TextSpan>> _);
        TestProject project = configure(new TestProject(plain));
        GeneratorRun run = GeneratorRun.Of(project);
        string[] files = [.. run.Files.Select(static file => file.HintName)];
        foreach (INamedTypeSymbol type in run.Output.GetSymbolsWithName(static name => name.StartsWith("Good", StringComparison.Ordinal)
            || name.StartsWith("Bad", StringComparison.Ordinal), SymbolFilter.Type).Cast<INamedTypeSymbol>())
        {
            if (MetadataNames.FindAttribute(type, MetadataNames.SharedLayout) is not null)
                Assert.True(files.Contains($"{MetadataNames.Of(type)}.g.cs") == type.Name.StartsWith("Good", StringComparison.Ordinal),
                    $"{type.Name}: generated are {string.Join(", ", files)}");
        }

        return string.Join('\n',
            found.Select(static diagnostic => diagnostic.GetMessage(System.Globalization.CultureInfo.InvariantCulture)));
    }
}
