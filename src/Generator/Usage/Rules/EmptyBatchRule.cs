using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace TypedShm.Generator;

/// <summary>TSHM0119: <c>default</c> is meant to be a message and is taken for a batch of none.</summary>
internal static class EmptyBatchRule
{
    internal static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0119",
        title: "An empty batch is written instead of a message",
        messageFormat: "'{0}' is a batch of no messages here, so that nothing is sent: write 'default({1})' or 'new {1}()' for a message of zeros",
        category: RuleCategories.Concurrency,
        defaultSeverity: DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "Write and TryWrite take a message or a span of messages, and 'default' may be either; the compiler takes it for the span.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0119.md");

    public static void Check(IOperation root, Action<Diagnostic> report)
    {
        foreach (IOperation operation in root.Descendants())
        {
            if (operation is IInvocationOperation { TargetMethod: { Name: "Write" or "TryWrite", ContainingType: var writer } } call && SharedTypes.IsOfRuntime(writer)
                && call.Arguments.FirstOrDefault(static argument => argument.Parameter?.Ordinal == 0) is { Value: var value } argument
                && argument.Parameter!.Type is INamedTypeSymbol { TypeArguments: [var message] } span && SharedTypes.IsSpan(span)
                && Operations.Bare(value) is IDefaultValueOperation or IObjectCreationOperation { Arguments.IsEmpty: true, Initializer: null })
            {
                report(Diagnostic.Create(Descriptor, argument.Syntax.GetLocation(), argument.Syntax.ToString(), message.Name));
            }
        }
    }
}
