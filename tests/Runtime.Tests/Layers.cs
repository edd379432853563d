using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TypedShm.Tests;

/// <summary>The layers of the library: a folder of src/Runtime uses only those above it.</summary>
public sealed class Layers
{
    private static readonly string[] s_order = ["Interop", "Layout", "Memory", "Transport", "Waiting", "Rings", "Ends", "Channels"];

    [Fact]
    public void A_folder_uses_only_those_above_it()
    {
        string[] folders = [.. Directory.EnumerateDirectories(RuntimeSources).Select(folder => Path.GetFileName(folder)!).Except(["bin", "obj", "buildTransitive"])];
        Assert.Equal(s_order.Order(), folders.Order());
        CSharpCompilation runtime = Compile();

        // Everything is understood, except what the bodies that generators write would assign.
        Assert.All(runtime.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error), error => Assert.Contains(error.Id, (string[])["CS8795", "CS0165", "CS0170"]));
        Assert.Equal("", string.Join("\n", runtime.SyntaxTrees.Where(tree => tree.FilePath.Length > 0).SelectMany(tree => ViolationsIn(tree, runtime)).Distinct()));
    }

    /// <summary>The negative control, of a type whose namespace says nothing of its folder.</summary>
    [Theory]
    [InlineData("Interop", "TypedShm.LayoutDescriptor? Field;", "Layout")]
    [InlineData("Memory", "object Method() => typeof(TypedShm.PeerIdentity);", "Transport")]
    [InlineData("Waiting", "bool Method(TypedShm.SharedQueueOptions options) => options.Writers > 1;", "Channels")]
    [InlineData("Transport", "void Method(TypedShm.Waiting.Doorbell bell) => bell.Ring();", "Waiting")]
    public void A_folder_that_uses_one_below_it_is_found_out(string folder, string member, string used)
    {
        SyntaxTree intruder = Parse($"namespace TypedShm; internal sealed class Intruder {{ private {member} }}", $"{RuntimeSources}/{folder}/Intruder.cs");

        string[] violations = [.. ViolationsIn(intruder, Compile().AddSyntaxTrees(intruder))];

        Assert.NotEmpty(violations);
        Assert.All(violations, violation => Assert.StartsWith($"{folder}/Intruder.cs uses ", violation, StringComparison.Ordinal));
        Assert.All(violations, violation => Assert.EndsWith($" of {used}", violation, StringComparison.Ordinal));
    }

    private static string RuntimeSources
    {
        get
        {
            string? root = AppContext.BaseDirectory;
            while (root is not null && !File.Exists(Path.Combine(root, "TypedShm.sln")))
                root = Path.GetDirectoryName(root);
            return Path.Combine(root ?? throw new InvalidOperationException("The tests do not run within the repository."), "src", "Runtime");
        }
    }

    private static IEnumerable<SyntaxTree> Sources() =>
        s_order.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(RuntimeSources, folder), "*.cs", SearchOption.AllDirectories))
            .Select(file => Parse(File.ReadAllText(file), file));

    private static SyntaxTree Parse(string source, string path) => CSharpSyntaxTree.ParseText(source, new CSharpParseOptions(LanguageVersion.Preview), path);

    private static CSharpCompilation Compile()
    {
        SyntaxTree usings = Parse("global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Threading; global using System.Threading.Tasks;", "");
        string[] platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        return CSharpCompilation.Create(
            "Layers",
            Sources().Append(usings),
            platform.Where(path => Path.GetFileName(path) != "TypedShm.dll").Select(path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));
    }

    private static IEnumerable<string> ViolationsIn(SyntaxTree tree, CSharpCompilation compilation)
    {
        SemanticModel model = compilation.GetSemanticModel(tree);
        int folder = FolderOf(tree.FilePath);
        foreach (SimpleNameSyntax name in tree.GetRoot().DescendantNodes(descendIntoTrivia: false).OfType<SimpleNameSyntax>())
        {
            ISymbol? symbol = model.GetSymbolInfo(name).Symbol;
            if (symbol is null or INamespaceSymbol)
                continue;
            foreach (SyntaxReference declaration in symbol.DeclaringSyntaxReferences)
            {
                if (declaration.SyntaxTree.FilePath.Length > 0 && FolderOf(declaration.SyntaxTree.FilePath) > folder)
                    yield return $"{Path.GetRelativePath(RuntimeSources, tree.FilePath)} uses {symbol.ToDisplayString()} of {s_order[FolderOf(declaration.SyntaxTree.FilePath)]}";
            }
        }
    }

    private static int FolderOf(string path) => Array.IndexOf(s_order, Path.GetRelativePath(RuntimeSources, path).Split('/')[0]);
}
