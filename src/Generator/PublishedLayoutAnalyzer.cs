using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace TypedShm.Generator;

/// <summary>
/// Compares the shared structs of a project with its layout file, if it has one: a change that would break programs that
/// are in use is an error, field by field; an addition has to be recorded. See <c>docs/versioning.md</c>.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class PublishedLayoutAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
    [
        PublishedFieldRule.Descriptor,
        PublishedMemberRule.Descriptor,
        PublishedStructRule.Descriptor,
        LayoutFileStaleRule.Descriptor,
        LayoutFileUnreadableRule.Descriptor,
    ];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.Analyze | GeneratedCodeAnalysisFlags.ReportDiagnostics);
        context.RegisterCompilationStartAction(static start =>
        {
            AnalyzerConfigOptionsProvider options = start.Options.AnalyzerConfigOptionsProvider;
            if (!LayoutFileOptions.IsOn(options) || LayoutFileOptions.IsUpdating(options)
                || start.Compilation.GetTypeByMetadataName(MetadataNames.SharedLayout) is null)
                return;

            AdditionalText? file = LayoutFileOptions.Find(start.Options);
            string name = LayoutFileOptions.NameFor(start.Compilation);
            SourceText? text = file?.GetText(start.CancellationToken);
            ImmutableArray<PublishedStruct> published;
            try
            {
                published = text is null ? [] : LayoutFile.Read(text.ToString());
            }
            catch (FormatException error)
            {
                start.RegisterCompilationEndAction(end => end.ReportDiagnostic(Diagnostic.Create(LayoutFileUnreadableRule.Descriptor,
                    PlaceOf("", file!, text!), name, error.Message)));
                return;
            }

            ImmutableDictionary<string, PublishedStruct> byName =
                published.ToImmutableDictionary(static one => one.TypeName, StringComparer.Ordinal);
            start.RegisterSymbolAction(symbol => CompareStruct(symbol, byName, name), SymbolKind.NamedType);
            start.RegisterCompilationEndAction(end =>
            {
                foreach (PublishedStruct one in published)
                {
                    if (end.Compilation.Assembly.GetTypeByMetadataName(one.TypeName) is not { } type || !PublishedStructs.IsShared(type))
                        end.ReportDiagnostic(Diagnostic.Create(PublishedStructRule.Descriptor,
                            PlaceOf($"\"{one.TypeName}\"", file!, text!), one.TypeName, name));
                }
            });
        });
    }

    private static void CompareStruct(SymbolAnalysisContext context, ImmutableDictionary<string, PublishedStruct> published, string file)
    {
        INamedTypeSymbol type = (INamedTypeSymbol)context.Symbol;

        // What is wrong with an invalid struct, others say.
        if (PublishedStructs.Of(type, context.CancellationToken) is not { } current)
            return;

        if (!published.TryGetValue(current.TypeName, out PublishedStruct? was))
        {
            context.ReportDiagnostic(Diagnostic.Create(LayoutFileStaleRule.Descriptor, type.Locations[0], file, $"'{current.Name}'"));
            return;
        }

        IReadOnlyList<LayoutDifference> differences = LayoutComparison.Compare(was, current);
        foreach (LayoutDifference difference in differences)
        {
            if (difference.Change != LayoutChange.Addition)
                context.ReportDiagnostic(Diagnostic.Create(RuleOf(difference.Change), PlaceOf(type, difference.Field), difference.Text));
        }

        if (differences.Count > 0 && differences.All(static difference => difference.Change == LayoutChange.Addition))
        {
            string additions = string.Join(", ", differences.Select(static difference => difference.Text));
            context.ReportDiagnostic(
                Diagnostic.Create(LayoutFileStaleRule.Descriptor, PlaceOf(type, differences[0].Field), file, additions));
        }
    }

    private static DiagnosticDescriptor RuleOf(LayoutChange change) =>
        change == LayoutChange.Member ? PublishedMemberRule.Descriptor : PublishedFieldRule.Descriptor;

    private static Location PlaceOf(INamedTypeSymbol type, string? field) =>
        (field is null ? type : type.GetMembers(field).FirstOrDefault() ?? type).Locations[0];

    private static Location PlaceOf(string what, AdditionalText file, SourceText text)
    {
        TextSpan span = new(Math.Max(0, text.ToString().IndexOf(what, StringComparison.Ordinal)), what.Length);
        return Location.Create(file.Path, span, text.Lines.GetLinePositionSpan(span));
    }
}
