using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace TypedShm.Generator;

/// <summary>
/// Silences what common analyzers say of the fields of a shared struct: that they are visible, could be read-only, or are
/// never assigned. They are the layout, and who assigns them is another process.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class SharedFieldSuppressor : DiagnosticSuppressor
{
    private static readonly ImmutableDictionary<string, SuppressionDescriptor> s_byId = new (string Suppression, string Id, string Why)[]
    {
        ("TSHMS001", "CA1051", "The fields of a [SharedLayout] struct are its layout, which other processes share."),
        ("TSHMS002", "CA1815", "A [SharedLayout] struct is memory, not a value to be compared."),
        ("TSHMS003", "CA1823", "A field of a [SharedLayout] struct takes up its place whether it is used here or not."),
        ("TSHMS004", "CS0169", "A field of a [SharedLayout] struct takes up its place whether it is used here or not."),
        ("TSHMS005", "CS0649", "A field of a [SharedLayout] struct may be assigned by another process."),
        ("TSHMS006", "IDE0044", "A field of a [SharedLayout] struct is written through its view, in this process or another."),
        ("TSHMS007", "IDE0051", "A field of a [SharedLayout] struct takes up its place whether it is used here or not."),
    }.ToImmutableDictionary(static entry => entry.Id, static entry => new SuppressionDescriptor(entry.Suppression, entry.Id, entry.Why));

    /// <inheritdoc/>
    public override ImmutableArray<SuppressionDescriptor> SupportedSuppressions { get; } = [.. s_byId.Values];

    /// <inheritdoc/>
    public override void ReportSuppressions(SuppressionAnalysisContext context)
    {
        foreach (Diagnostic diagnostic in context.ReportedDiagnostics)
        {
            if (s_byId.TryGetValue(diagnostic.Id, out SuppressionDescriptor? suppression) && IsInSharedStruct(context, diagnostic))
                context.ReportSuppression(Suppression.Create(suppression, diagnostic));
        }
    }

    private static bool IsInSharedStruct(SuppressionAnalysisContext context, Diagnostic diagnostic)
    {
        if (diagnostic.Location.SourceTree is not { } tree)
            return false;
        SyntaxNode node = tree.GetRoot(context.CancellationToken).FindNode(diagnostic.Location.SourceSpan);
        ISymbol? symbol = context.GetSemanticModel(tree).GetDeclaredSymbol(node, context.CancellationToken);
        INamedTypeSymbol? type = symbol as INamedTypeSymbol ?? symbol?.ContainingType;
        return type is not null && MetadataNames.FindAttribute(type, MetadataNames.SharedLayout) is not null;
    }
}
