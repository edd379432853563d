using System.Collections.Immutable;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace TypedShm.Generator;

/// <summary>
/// Adds to every valid <c>[SharedLayout]</c> struct its views, its offsets and what the runtime asks of it. For an invalid
/// one it adds nothing: the <see cref="SharedLayoutAnalyzer"/> says why.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class SharedLayoutGenerator : IIncrementalGenerator
{
    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        // The first step runs again for every struct whenever anything in the project changes, since a field's type may
        // stand in another file; it parses again only if anything is declared anew. The steps after it run only if the layout did change.
        LayoutCache parsed = new();
        IncrementalValuesProvider<LayoutSpec> layouts = context.SyntaxProvider
            .ForAttributeWithMetadataName(
                MetadataNames.SharedLayout,
                static (node, _) => node is StructDeclarationSyntax or RecordDeclarationSyntax,
                (found, cancellationToken) => parsed.Find(found.TargetNode, (INamedTypeSymbol)found.TargetSymbol,
                    (CSharpCompilation)found.SemanticModel.Compilation, cancellationToken))
            .WithTrackingName(TrackingNames.Parse)
            .Where(static layout => layout is not null)!
            .WithTrackingName<LayoutSpec>(TrackingNames.Layout);

        // Names of generated files are compared without regard to case, names of types are not.
        IncrementalValueProvider<EquatableArray<string>> ambiguous = layouts
            .Collect()
            .Select(static (all, _) => NamesThatDifferInCaseOnly(all))
            .WithTrackingName(TrackingNames.AmbiguousNames);

        IncrementalValueProvider<GeneratedMembers> members = context.AnalyzerConfigOptionsProvider
            .Select(static (options, _) =>
                (Is(options.GlobalOptions, "TypedShmValueMembers", "false") ? GeneratedMembers.None : GeneratedMembers.All)
                | (Is(options.GlobalOptions, "TypedShmViewExtras", "true") ? GeneratedMembers.ViewExtras : GeneratedMembers.None));

        context.RegisterSourceOutput(layouts.Combine(ambiguous.Combine(members)), static (output, pair) =>
        {
            (LayoutSpec layout, (EquatableArray<string> ambiguous, GeneratedMembers members)) = pair;
            string suffix = ambiguous.Contains(layout.MetadataName) ? "." + Fnv.ShortHash(layout.MetadataName) : "";
            output.AddSource($"{layout.MetadataName}{suffix}.g.cs", SourceText.From(FileEmitter.Emit(layout, members), Encoding.UTF8));
        });

        LayoutFileOutput.Register(context);
    }

    private static bool Is(AnalyzerConfigOptions options, string property, string wanted) =>
        options.TryGetValue($"build_property.{property}", out string? value) && value.Equals(wanted, StringComparison.OrdinalIgnoreCase);

    private static EquatableArray<string> NamesThatDifferInCaseOnly(ImmutableArray<LayoutSpec> layouts) => new([..
        layouts.Select(static layout => layout.MetadataName)
            .GroupBy(static name => name, StringComparer.OrdinalIgnoreCase)
            .Where(static group => group.Count() > 1)
            .SelectMany(static group => group)
            .OrderBy(static name => name, StringComparer.Ordinal)]);
}
