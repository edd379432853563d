using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using TypedShm.Generator;
using Xunit;

namespace TypedShm.Docs.Tests;

public sealed class SnippetTests
{
    // What a new project of the SDK has, and the namespaces that the first block of a page has shown.
    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Numerics;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using TypedShm;
        """;

    private static readonly CSharpParseOptions s_language = new(LanguageVersion.CSharp14);

    private static readonly MetadataReference[] s_references =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(':').Select(path => MetadataReference.CreateFromFile(path))];

    public static TheoryData<string, int> Snippets
    {
        get
        {
            TheoryData<string, int> data = [];
            foreach (string page in Page.All)
            {
                foreach (Snippet snippet in Page.Read(page))
                    data.Add(page, snippet.Line);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Snippets))]
    public void A_snippet_compiles_without_warnings_or_fails_as_its_page_says(string page, int line)
    {
        Snippet snippet = Page.Read(page).Single(snippet => snippet.Line == line);
        Diagnostic[] found = Compile(snippet.Code);
        if (snippet.ExpectedError is null)
            Assert.Empty(found);
        else
            Assert.Equal(snippet.ExpectedError, Assert.Single(found).Id);
    }

    [Fact]
    public void The_readme_shows_the_struct_and_both_programs()
    {
        List<Snippet> snippets = Page.Read("README.md");
        Assert.Contains("[SharedLayout]", snippets[0].Code[^1], StringComparison.Ordinal);
        Assert.Contains("SharedStruct.Create", snippets[1].Code[^1], StringComparison.Ordinal);
        Assert.Contains("SharedStruct.Open", snippets[2].Code[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_snippet_that_is_wrong_is_found()
    {
        string[] page = ["```csharp", "[SharedLayout] public partial struct Quote { public long Price; }", "```", "```csharp",
            "using var shared = SharedStruct.Open<Quote>(\"quote\");", "Console.WriteLine(shared.View.Prize);", "```"];
        Assert.Equal("CS1061", Assert.Single(Compile(Page.Parse(page)[1].Code)).Id);
    }

    private static Diagnostic[] Compile(string[] code)
    {
        CSharpCompilation compilation = CSharpCompilation.Create(
            "Snippet",
            [.. code.Prepend(Usings).Select(text => CSharpSyntaxTree.ParseText(text, s_language))],
            s_references,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable));
        CSharpGeneratorDriver.Create([new SharedLayoutGenerator().AsSourceGenerator()], parseOptions: s_language)
            .RunGeneratorsAndUpdateCompilation(compilation, out Compilation output, out _);

        // CS5001: a block of declarations is no program.
        return [.. output.GetDiagnostics()
            .Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning && diagnostic.Id != "CS5001")];
    }
}
