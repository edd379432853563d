using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0016: a member has the name of a generated one.</summary>
internal static class NameClashRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0016",
        title: "The names SharedView, ReadOnlySharedView and SharedOffsets are taken",
        messageFormat: "'{0}' has a member called '{1}', which is the name of a generated type: rename it",
        category: RuleCategories.Layout,
        defaultSeverity: DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "The generator adds three nested types to the struct.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0016.md");

    public static readonly string[] Taken = ["SharedView", "ReadOnlySharedView", "SharedOffsets"];

    public static void Check(INamedTypeSymbol type, ParseReport report)
    {
        foreach (string name in Taken)
        {
            if (type.Name == name)
                report.Add(Descriptor, type, type.Name, name);
            foreach (ISymbol member in type.GetMembers(name))
            {
                if (!GeneratedCode.Contains(member))
                    report.Add(Descriptor, member, type.Name, name);
            }
        }
    }
}
