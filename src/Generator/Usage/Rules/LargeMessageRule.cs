using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace TypedShm.Generator;

/// <summary>TSHM0110: a struct is too large for a message.</summary>
internal static class LargeMessageRule
{
    /// <summary>The most bytes of a message, as the runtime has it.</summary>
    private const int MostBytes = 16 * 1024;

    internal static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0110",
        title: "A message must not be larger than 16 KiB",
        messageFormat: "'{0}' has {1} bytes, but a message may have at most {2}: put the bulk of it into the payload "
            + "(PayloadCapacity), or share it as a SharedStruct",
        category: RuleCategories.Concurrency,
        defaultSeverity: DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "Messages are passed by value, and larger ones would overflow stacks. The channel throws when it is created.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0110.md");

    public static void Check(IOperation root, StructSizes sizes, Action<Diagnostic> report, CancellationToken cancellationToken)
    {
        foreach (IOperation operation in root.Descendants())
        {
            if (operation is not IInvocationOperation
                {
                    TargetMethod:
                    {
                        ContainingType:
                        {
                            IsStatic: true,
                            Name: "SharedQueue" or "SharedBroadcast" or "SharedCall"
                        } factory
                    } method
                } || !SharedTypes.IsOfRuntime(factory))
                continue;
            foreach (ITypeSymbol message in method.TypeArguments)
            {
                if (sizes.Of(message, cancellationToken) is > MostBytes and var size)
                    report(Diagnostic.Create(Descriptor, operation.Syntax.GetLocation(), message.Name, size, MostBytes));
            }
        }
    }
}
