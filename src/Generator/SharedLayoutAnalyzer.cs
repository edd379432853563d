using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace TypedShm.Generator;

/// <summary>Says why nothing is generated for a <c>[SharedLayout]</c> struct.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class SharedLayoutAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
    [
        PartialRule.Descriptor,
        PartialContainerRule.Descriptor,
        GenericRule.Descriptor,
        ReferenceRule.Descriptor,
        PointerRule.Descriptor,
        NativeSizeRule.Descriptor,
        UnstableLayoutRule.Descriptor,
        ForeignStructRule.Descriptor,
        LayoutKindRule.Descriptor,
        OverlapRule.Descriptor,
        FieldsInOnePartRule.Descriptor,
        HiddenStorageRule.Descriptor,
        TooLargeRule.Descriptor,
        NameClashRule.Descriptor,
        RefStructRule.Descriptor,
        TextMarkRule.Descriptor,
        StaleLayoutRule.Descriptor,
        InlineArrayRule.Descriptor,
        TooDeepRule.Descriptor,
        LayoutTooLongRule.Descriptor,
        InlineArraySizeRule.Descriptor,
        MisalignedAtomicRule.Descriptor,
        AtomicTypeRule.Descriptor,
        LanguageVersionRule.Descriptor,
        AccessibilityRule.Descriptor,
    ];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.Analyze | GeneratedCodeAnalysisFlags.ReportDiagnostics);
        context.RegisterCompilationStartAction(static start =>
        {
            if (start.Compilation.GetTypeByMetadataName(MetadataNames.SharedLayout) is not { } attribute)
                return;
            start.RegisterSymbolAction(symbol => Check(symbol, attribute), SymbolKind.NamedType);
        });
    }

    private static void Check(SymbolAnalysisContext context, INamedTypeSymbol attribute)
    {
        INamedTypeSymbol type = (INamedTypeSymbol)context.Symbol;
        if (type.TypeKind != TypeKind.Struct
            || !type.GetAttributes().Any(data => SymbolEqualityComparer.Default.Equals(data.AttributeClass, attribute)))
            return;

        List<Diagnostic> problems = [];
        StructParser.Parse(type, problems, context.CancellationToken);
        foreach (Diagnostic problem in problems)
            context.ReportDiagnostic(problem);
    }
}
