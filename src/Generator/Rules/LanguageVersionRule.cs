using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace TypedShm.Generator;

/// <summary>TSHM0202: the project compiles an older C#.</summary>
internal static class LanguageVersionRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0202",
        title: "Shared structs need C# 14",
        messageFormat: "[SharedLayout] needs C# 14 or later, but this project uses {0}: remove <LangVersion> from the project, or set "
            + "it to 14",
        category: RuleCategories.Project,
        defaultSeverity: DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "The generated property View is an extension property, which C# has since version 14.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0202.md");

    // As a number, since the compiler that the generator is built against does not know the name yet.
    private const LanguageVersion CSharp14 = (LanguageVersion)1400;

    public static void Check(INamedTypeSymbol type, ParseReport report)
    {
        if (type.DeclaringSyntaxReferences is [{ SyntaxTree.Options: CSharpParseOptions options }, ..]
            && options.LanguageVersion < CSharp14)
            report.Add(Descriptor, type, $"C# {options.LanguageVersion.ToDisplayString()}");
    }
}
