using System.Reflection;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TypedShm.Docs.Tests;

/// <summary>One block of C# on a page.</summary>
/// <param name="Line">The line of its fence.</param>
/// <param name="Code">The code, after the declarations that stand in blocks of their own higher up on the page.</param>
/// <param name="ExpectedError">The id of the error that the page says it has, or null.</param>
public sealed record Snippet(int Line, string[] Code, string? ExpectedError);

/// <summary>A page of documentation, as its blocks of C#.</summary>
public static class Page
{
    private const string Mark = "<!-- does not compile: ";
    private const string Fence = "```";

    public static string Root { get; } =
        typeof(Page).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "Root").Value!;

    /// <summary>
    /// All pages, relative to the root, but for those of the analyzers' rules: what these show is wrong on purpose, and the generator's
    /// tests hold them.
    /// </summary>
    public static IEnumerable<string> All =>
        Directory.GetFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root, path))
            .Where(page => !page.StartsWith("docs/diagnostics/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Prepend("README.md");

    public static List<Snippet> Read(string page) => Parse(File.ReadAllLines(Path.Combine(Root, page)));

    public static List<Snippet> Parse(string[] lines)
    {
        List<Snippet> snippets = [];
        List<string> declarations = [];
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i] != Fence + "csharp")
                continue;

            int start = i + 1;
            i = Array.IndexOf(lines, Fence, start);
            string code = string.Join('\n', lines[start..i]);
            string? error = start > 1 && lines[start - 2].StartsWith(Mark, StringComparison.Ordinal)
                ? lines[start - 2][Mark.Length..].Split(' ')[0]
                : null;
            snippets.Add(new Snippet(start, [.. declarations, code], error));
            if (error is null && IsDeclarations(code))
                declarations.Add(code);
        }

        return snippets;
    }

    private static bool IsDeclarations(string code) =>
        !CSharpSyntaxTree.ParseText(code, cancellationToken: default).GetCompilationUnitRoot().Members.OfType<GlobalStatementSyntax>()
            .Any();
}
