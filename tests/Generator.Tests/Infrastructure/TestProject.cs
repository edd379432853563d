using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace TypedShm.Generator.Tests;

/// <summary>
/// A user's project, in memory: it references what a real one does, that is the targeting pack of .NET (whose structs have
/// placeholder fields) and the runtime of TypedShm.
/// </summary>
internal sealed record TestProject(params string[] Sources)
{
    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private static readonly ImmutableArray<MetadataReference> s_framework =
        [.. TargetingPack().Select(static path => MetadataReference.CreateFromFile(path))];
    private static readonly MetadataReference s_runtime = MetadataReference.CreateFromFile(typeof(SharedLayoutAttribute).Assembly.Location);

    public string Name { get; init; } = "Acme";

    public LanguageVersion Language { get; init; } = LanguageVersion.CSharp14;

    public bool Nullable { get; init; } = true;

    public bool ImplicitUsings { get; init; }

    /// <summary>Whether the compiler asks for doc comments on everything public.</summary>
    public bool DocumentationFile { get; init; }

    /// <summary>Only fixed buffers need it, and the user's own declaration of them does too.</summary>
    public bool AllowUnsafe { get; init; }

    public ImmutableArray<MetadataReference> References { get; init; } = [];

    /// <summary>The text of its layout file, or null if it has none.</summary>
    public string? LayoutFile { get; init; }

    public ImmutableDictionary<string, ReportDiagnostic> Severities { get; init; } = ImmutableDictionary<string, ReportDiagnostic>.Empty;

    public CSharpParseOptions ParseOptions => new(Language, DocumentationFile ? DocumentationMode.Diagnose : DocumentationMode.Parse);

    public CSharpCompilation Compile() => CSharpCompilation.Create(
        Name,
        [
            .. Sources.Select((source, index) => CSharpSyntaxTree.ParseText(source, ParseOptions, $"/project/File{index}.cs")),
            .. ImplicitUsings ? [CSharpSyntaxTree.ParseText(Usings, ParseOptions, "/project/GlobalUsings.g.cs")]
                : Array.Empty<SyntaxTree>(),
        ],
        [.. s_framework, s_runtime, .. References],
        new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary,
            allowUnsafe: AllowUnsafe,
            nullableContextOptions: Nullable ? NullableContextOptions.Enable : NullableContextOptions.Disable,
            // What the SDK sets: these two are warnings about versions of assemblies.
            specificDiagnosticOptions: Severities.Add("CS1701", ReportDiagnostic.Suppress).Add("CS1702", ReportDiagnostic.Suppress)));

    /// <summary>Compiles with the generator and returns the assembly, to be referenced by another project.</summary>
    public MetadataReference ToReference()
    {
        using MemoryStream image = GeneratorRun.Of(this).Emit();
        return MetadataReference.CreateFromImage(image.ToArray());
    }

    private static string[] TargetingPack()
    {
        string packs = Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "../../../packs/Microsoft.NETCore.App.Ref");
        string newest = Directory.GetDirectories(packs, "10.*")
            .OrderBy(static path => Version.Parse(Path.GetFileName(path).Split('-')[0])).Last();
        return Directory.GetFiles(Path.Combine(newest, "ref/net10.0"), "*.dll");
    }
}
