using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace TypedShm.Generator;

/// <summary>An analyzer of one rule on how shared memory is used.</summary>
/// <param name="rule">The rule.</param>
public abstract class UsageAnalyzer(DiagnosticDescriptor rule) : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public sealed override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [rule];

    /// <inheritdoc/>
    public sealed override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(start =>
        {
            if (start.Compilation.GetTypeByMetadataName(MetadataNames.SharedLayout) is not null)
                Register(start);
        });
    }

    /// <summary>Registers what the rule looks at; called only for projects that know the library.</summary>
    /// <param name="start">The start of the compilation.</param>
    protected abstract void Register(CompilationStartAnalysisContext start);
}
