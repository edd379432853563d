using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TypedShm.Tests;

/// <summary>
/// The layers of the library: a folder of src/Runtime uses only those above it, and neither there nor in src/Generator is there a circle.
/// </summary>
public sealed class Layers
{
    private static readonly string[] s_order =
        ["Interop", "Layout", "Memory", "Transport", "Waiting", "Rings", "Ends", "Channels", "Observing"];

    [Fact]
    public void A_folder_uses_only_those_above_it()
    {
        string[] folders = [.. Directory.EnumerateDirectories(RuntimeSources).Select(folder => Path.GetFileName(folder)!)
            .Except(["bin", "obj", "buildTransitive"])];
        Assert.Equal(s_order.Order(), folders.Order());
        CSharpCompilation runtime = Compile();

        // Everything is understood, except what the bodies that generators write would assign.
        Assert.All(runtime.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error),
            error => Assert.Contains(error.Id, (string[])["CS8795", "CS0165", "CS0170"]));
        Assert.Equal("", string.Join(
            "\n", runtime.SyntaxTrees.Where(tree => tree.FilePath.Length > 0).SelectMany(tree => ViolationsIn(tree, runtime)).Distinct()));
    }

    /// <summary>Two levels deep: neither folders of a layer nor files of different folders use each other in a circle.</summary>
    [Theory]
    [InlineData("Runtime")]
    [InlineData("Generator")]
    public void No_circle_of_folders_or_of_files_crosses_a_folder(string project)
    {
        string root = SourcesOf(project);
        CSharpCompilation compilation = Compile(root);
        (string From, string To)[] uses =
            [.. compilation.SyntaxTrees.Where(tree => tree.FilePath.Length > 0).SelectMany(tree => UsesOf(tree, compilation))
            .Select(use => (From: Path.GetRelativePath(root, use.From), To: Path.GetRelativePath(root, use.To)))
            .Where(use => use.From != use.To).Distinct()];

        Assert.NotEmpty(uses);
        Assert.Equal([], CirclesOf(uses.Select(use => (SubfolderOf(use.From), SubfolderOf(use.To)))));
        Assert.Equal([], CirclesOf(uses).Where(circle => circle.Select(SubfolderOf).Distinct().Count() > 1));
    }

    /// <summary>The negative control.</summary>
    [Fact]
    public void A_circle_is_found()
    {
        Assert.Equal(["b c d"],
            CirclesOf([("a", "b"), ("b", "c"), ("c", "d"), ("d", "b"), ("c", "e"), ("e", "e")]).Select(circle => string.Join(' ', circle)));
        Assert.Empty(CirclesOf([("a", "b"), ("b", "c"), ("a", "c")]));
    }

    /// <summary>The negative control, of a type whose namespace says nothing of its folder.</summary>
    [Theory]
    [InlineData("Interop", "TypedShm.LayoutDescriptor? Field;", "Layout")]
    [InlineData("Memory", "object Method() => typeof(TypedShm.PeerIdentity);", "Transport")]
    [InlineData("Waiting", "bool Method(TypedShm.SharedQueueOptions options) => options.Writers > 1;", "Channels")]
    [InlineData("Transport", "void Method(TypedShm.Waiting.Doorbell bell) => bell.Ring();", "Waiting")]
    public void A_folder_that_uses_one_below_it_is_found_out(string folder, string member, string used)
    {
        SyntaxTree intruder =
            Parse($"namespace TypedShm; internal sealed class Intruder {{ private {member} }}", $"{RuntimeSources}/{folder}/Intruder.cs");

        string[] violations = [.. ViolationsIn(intruder, Compile().AddSyntaxTrees(intruder))];

        Assert.NotEmpty(violations);
        Assert.All(violations, violation => Assert.StartsWith($"{folder}/Intruder.cs uses ", violation, StringComparison.Ordinal));
        Assert.All(violations, violation => Assert.EndsWith($" of {used}", violation, StringComparison.Ordinal));
    }

    private static string RuntimeSources => SourcesOf("Runtime");

    private static string SourcesOf(string project)
    {
        string? root = AppContext.BaseDirectory;
        while (root is not null && !File.Exists(Path.Combine(root, "TypedShm.sln")))
            root = Path.GetDirectoryName(root);
        return Path.Combine(root ?? throw new InvalidOperationException("The tests do not run within the repository."), "src", project);
    }

    // What is built lies beside the sources.
    private static IEnumerable<SyntaxTree> Sources(string root) =>
        Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Where(file => Path.GetRelativePath(root, file).Split('/')[0] is not ("bin" or "obj"))
            .Select(file => Parse(File.ReadAllText(file), file));

    private static SyntaxTree Parse(string source, string path) =>
        CSharpSyntaxTree.ParseText(source, new CSharpParseOptions(LanguageVersion.Preview), path);

    private static CSharpCompilation Compile() => Compile(RuntimeSources);

    private static CSharpCompilation Compile(string root)
    {
        SyntaxTree usings = Parse("global using System; global using System.Collections.Generic; global using System.IO; global using "
            + "System.Linq; global using System.Threading; global using System.Threading.Tasks;", "");
        string[] platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        return CSharpCompilation.Create(
            "Layers",
            Sources(root).Append(usings),
            platform.Where(path => Path.GetFileName(path) != "TypedShm.dll").Select(path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));
    }

    private static IEnumerable<string> ViolationsIn(SyntaxTree tree, CSharpCompilation compilation) => UsesOf(tree, compilation)
        .Where(use => FolderOf(use.To) > FolderOf(use.From))
        .Select(use => $"{Path.GetRelativePath(RuntimeSources, use.From)} uses {use.Symbol.ToDisplayString()} of "
            + $"{s_order[FolderOf(use.To)]}");

    /// <summary>What a file uses of which files.</summary>
    private static IEnumerable<(string From, string To, ISymbol Symbol)> UsesOf(SyntaxTree tree, CSharpCompilation compilation)
    {
        SemanticModel model = compilation.GetSemanticModel(tree);
        foreach (SimpleNameSyntax name in tree.GetRoot().DescendantNodes(descendIntoTrivia: false).OfType<SimpleNameSyntax>())
        {
            ISymbol? symbol = model.GetSymbolInfo(name).Symbol;
            if (symbol is null or INamespaceSymbol)
                continue;
            foreach (SyntaxReference declaration in symbol.DeclaringSyntaxReferences)
            {
                if (declaration.SyntaxTree.FilePath.Length > 0)
                    yield return (tree.FilePath, declaration.SyntaxTree.FilePath, symbol);
            }
        }
    }

    /// <summary>Sets of two or more nodes each of which is reached from each other one.</summary>
    private static IEnumerable<string[]> CirclesOf(IEnumerable<(string From, string To)> edges)
    {
        ILookup<string, string> next = edges.Distinct().ToLookup(edge => edge.From, edge => edge.To, StringComparer.Ordinal);
        Dictionary<string, HashSet<string>> reached = next.ToDictionary(node => node.Key, node => Reach(node.Key), StringComparer.Ordinal);
        return reached.Keys
            .Select(node => reached[node].Where(other => reached.TryGetValue(other, out HashSet<string>? back) && back.Contains(node))
                .Append(node).Distinct().Order(StringComparer.Ordinal).ToArray())
            .Where(circle => circle.Length > 1)
            .DistinctBy(circle => string.Join('|', circle));

        HashSet<string> Reach(string from)
        {
            HashSet<string> found = new(StringComparer.Ordinal);
            Stack<string> open = new(next[from]);
            while (open.TryPop(out string? node))
            {
                if (!found.Add(node))
                    continue;
                foreach (string other in next[node])
                    open.Push(other);
            }

            return found;
        }
    }

    private static string SubfolderOf(string path) => string.Join('/', path.Split('/')[..^1].Take(2));

    private static int FolderOf(string path) => Array.IndexOf(s_order, Path.GetRelativePath(RuntimeSources, path).Split('/')[0]);
}
