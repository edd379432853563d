using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using TypedShm.Generator;

namespace TypedShm.Micro;

/// <summary>The generator on structs of 20 fields: all of them, and again after an edit that has nothing to do with them.</summary>
public class GeneratorSpeed
{
    private CSharpCompilation _compilation = null!;
    private CSharpCompilation _edited = null!;
    private GeneratorDriver _warm = null!;

    [Params(1, 100)]
    public int Structs { get; set; }

    [GlobalSetup]
    public void Parse()
    {
        CSharpParseOptions options = new(LanguageVersion.Preview);
        StringBuilder source = new("using TypedShm;\n");
        for (int i = 0; i < Structs; i++)
        {
            source.Append(CultureInfo.InvariantCulture, $"[SharedLayout] public partial struct S{i} {{ ");
            for (int field = 0; field < 20; field++)
                source.Append(CultureInfo.InvariantCulture, $"public long F{field}; ");
            source.AppendLine("}");
        }

        string trusted = (string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!;
        _compilation = CSharpCompilation.Create(
            "Speed",
            [CSharpSyntaxTree.ParseText(source.ToString(), options)],
            [.. trusted.Split(':').Select(path => MetadataReference.CreateFromFile(path))],
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        _edited = _compilation.AddSyntaxTrees(CSharpSyntaxTree.ParseText("class Unrelated;", options));
        _warm = New().RunGenerators(_compilation);
        if (_warm.GetRunResult().GeneratedTrees.Length < Structs)
            throw new InvalidOperationException("Nothing was generated for some of the structs.");
    }

    [Benchmark]
    public GeneratorDriver FromNothing() => New().RunGenerators(_compilation);

    [Benchmark]
    public GeneratorDriver AfterAnEdit() => _warm.RunGenerators(_edited);

    private static CSharpGeneratorDriver New() => CSharpGeneratorDriver.Create(
        [new SharedLayoutGenerator().AsSourceGenerator()],
        parseOptions: new CSharpParseOptions(LanguageVersion.Preview));
}
