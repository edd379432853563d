using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace TypedShm.Generator;

/// <summary>Says of a valid <c>[SharedLayout]</c> struct what it costs, and what its fields do not promise.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class SharedLayoutAdviceAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
    [
        AnyBitsRule.Descriptor,
        PaddingRule.Descriptor,
        ReadOnlyFieldRule.Descriptor,
        DefaultMemberRule.Descriptor,
        CacheLineRule.Descriptor,
        VolatileRule.Descriptor,
    ];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.Analyze | GeneratedCodeAnalysisFlags.ReportDiagnostics);
        context.RegisterCompilationStartAction(static start =>
        {
            if (start.Compilation.GetTypeByMetadataName(MetadataNames.SharedLayout) is not null)
                start.RegisterSymbolAction(Check, SymbolKind.NamedType);
        });
    }

    private static void Check(SymbolAnalysisContext context)
    {
        INamedTypeSymbol type = (INamedTypeSymbol)context.Symbol;
        if (type.TypeKind != TypeKind.Struct
            || MetadataNames.FindAttribute(type, MetadataNames.SharedLayout) is null
            || StructParser.Parse(type, problems: null, context.CancellationToken) is not { } layout)
        {
            return;
        }

        List<Diagnostic> advice = [];
        ParseReport report = new(advice);
        PaddingRule.Check(type, layout, report);
        DefaultMemberRule.Check(type, report);
        foreach (FieldSpec field in layout.Fields)
        {
            if (type.GetMembers(field.Name).OfType<IFieldSymbol>().FirstOrDefault() is not { } symbol)
                continue;
            AnyBitsRule.Check(symbol, field, report);
            ReadOnlyFieldRule.Check(symbol, report);
            CacheLineRule.Check(symbol, field, report);
            VolatileRule.Check(symbol, report);
        }

        foreach (Diagnostic diagnostic in advice)
            context.ReportDiagnostic(diagnostic);
    }
}
