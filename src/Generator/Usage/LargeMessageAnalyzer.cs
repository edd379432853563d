using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace TypedShm.Generator;

/// <summary>TSHM0110: a struct is too large for a message.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class LargeMessageAnalyzer() : UsageAnalyzer(Descriptor)
{
    /// <summary>The most bytes of a message, as the runtime has it.</summary>
    private const int MostBytes = 16 * 1024;

    internal static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0110",
        title: "A message must not be larger than 16 KiB",
        messageFormat: "'{0}' has {1} bytes, but a message may have at most {2}: put the bulk of it into the payload (PayloadCapacity), or share it as a SharedStruct",
        category: RuleCategories.Concurrency,
        defaultSeverity: DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "Messages are passed by value, and larger ones would overflow stacks. The channel throws when it is created.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0110.md");

    /// <inheritdoc/>
    protected override void Register(CompilationStartAnalysisContext start) => start.RegisterOperationAction(Check, OperationKind.Invocation);

    private static void Check(OperationAnalysisContext context)
    {
        IInvocationOperation call = (IInvocationOperation)context.Operation;
        if (!SharedTypes.IsOfRuntime(call.TargetMethod.ContainingType) || call.TargetMethod.ContainingType is not { IsStatic: true, Name: "SharedQueue" or "SharedBroadcast" or "SharedCall" })
            return;
        foreach (ITypeSymbol message in call.TargetMethod.TypeArguments)
        {
            if (message is INamedTypeSymbol type
                && MetadataNames.FindAttribute(type, MetadataNames.SharedLayout) is not null
                && StructParser.Parse(type, problems: null, context.CancellationToken) is { Size: > MostBytes and var size })
            {
                context.ReportDiagnostic(Diagnostic.Create(Descriptor, call.Syntax.GetLocation(), type.Name, size, MostBytes));
            }
        }
    }
}
