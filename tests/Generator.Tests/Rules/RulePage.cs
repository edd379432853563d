using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace TypedShm.Generator.Tests;

/// <summary>A page of docs/diagnostics, taken apart.</summary>
internal sealed partial record RulePage(
    string Id, string Title, string Category, string Severity, string CodeFix, string Failing, string Fixed)
{
    public static string Directory { get; } = Repository.Find("docs/diagnostics");

    public static IEnumerable<string> Ids => System.IO.Directory.GetFiles(Directory, "TSHM*.md")
        .Select(static path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal);

    public static RulePage Read(string id)
    {
        Match page = Page().Match(File.ReadAllText(Path.Combine(Directory, $"{id}.md")));
        Assert.True(page.Success, $"The page of {id} does not have the headings that every page has.");
        return new RulePage(Part("id"), Part("title"), Part("category"), Part("severity"), Part("codefix"), Part("failing"), Part("fixed"));

        string Part(string name) => page.Groups[name].Value;
    }

    /// <summary>The project that an example of the page describes.</summary>
    public static TestProject ProjectOf(string example)
    {
        string[] sources = [.. Block().Matches(example).Where(static block => block.Groups["info"].Value == "csharp")
            .Select(static block => block.Groups["text"].Value)];
        Assert.NotEmpty(sources);
        Match version = LangVersion().Match(example);
        return new TestProject(sources)
        {
            ImplicitUsings = true,
            AllowUnsafe = true,
            Language = version.Success && LanguageVersionFacts.TryParse(version.Groups[1].Value, out LanguageVersion language)
                ? language
                : LanguageVersion.CSharp14,
            LayoutFile = Block().Matches(example).Where(static block => block.Groups["info"].Value == "json layout file")
                .Select(static block => block.Groups["text"].Value).SingleOrDefault(),
            References = [.. Block().Matches(example).Select(OtherAssembly).OfType<MetadataReference>()],
        };
    }

    private static MetadataReference? OtherAssembly(Match block)
    {
        TestProject other = new(block.Groups["text"].Value) { Name = "Other" };
        switch (block.Groups["info"].Value)
        {
            case "csharp other assembly":
                return other.ToReference();
            case "csharp other assembly without generator":
                using (MemoryStream image = new())
                {
                    Assert.True(other.Compile().Emit(image).Success);
                    return MetadataReference.CreateFromImage(image.ToArray());
                }

            default:
                return null;
        }
    }

    [GeneratedRegex("""
        \A\#\ (?<id>TSHM\d{4}):\ (?<title>[^\n]+)\n
        \n
        \|\ Category\ \|\ Severity\ \|\ Code\ fix\ \|\n
        \|\ ---\ \|\ ---\ \|\ ---\ \|\n
        \|\ (?<category>[^|\n]+)\ \|\ (?<severity>[^|\n]+)\ \|\ (?<codefix>[^|\n]+)\ \|\n
        \n\#\#\ Cause\n\n .+?\n
        \n\#\#\ Failing\ example\n (?<failing>.+?)\n
        \n\#\#\ Fixed\ example\n (?<fixed>.+?)\n
        \n\#\#\ When\ to\ suppress\n\n .+\n\z
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.Singleline)]
    private static partial Regex Page();

    [GeneratedRegex(@"^```(?<info>[^\n]*)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("<LangVersion>(.+?)</LangVersion>")]
    private static partial Regex LangVersion();
}
