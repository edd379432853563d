using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace TypedShm.Generator;

/// <summary>What a method does with one of its locals.</summary>
/// <param name="Escapes">Whether it is passed on, returned, stored or assigned, so that another may do what is missing here.</param>
/// <param name="Members">The members that are used of it.</param>
internal sealed record LocalUses(bool Escapes, HashSet<string> Members)
{
    /// <summary>The locals of some types, declared by statements, <c>out var</c> or patterns.</summary>
    public static IEnumerable<ILocalSymbol> DeclaredIn(IOperation root, Func<ITypeSymbol?, bool> isOfInterest) => root.Descendants()
        .Select(static operation => operation switch
        {
            IVariableDeclaratorOperation declarator => declarator.Symbol,
            IDeclarationExpressionOperation { Expression: ILocalReferenceOperation reference } => reference.Local,
            _ => null,
        })
        .OfType<ILocalSymbol>()
        .Where(local => isOfInterest(local.Type));

    public static LocalUses Of(ILocalSymbol local, IOperation root)
    {
        bool escapes = false;
        HashSet<string> members = [];
        foreach (IOperation operation in root.Descendants())
        {
            if (operation is not ILocalReferenceOperation reference || !SymbolEqualityComparer.Default.Equals(reference.Local, local) || IsDeclaration(reference))
                continue;
            IOperation value = reference;
            while (value.Parent is IConversionOperation conversion)
                value = conversion;
            if (MemberUsed(value) is { } member)
                members.Add(member);
            else if (value.Parent is not (IBinaryOperation or IIsPatternOperation))
                escapes = true;
        }

        return new LocalUses(escapes, members);
    }

    private static string? MemberUsed(IOperation instance) => instance.Parent switch
    {
        IInvocationOperation invocation when invocation.Instance == instance => invocation.TargetMethod.Name,
        IMemberReferenceOperation member when member.Instance == instance => member.Member.Name,
        IConditionalAccessOperation { WhenNotNull: var used } access when access.Operation == instance => used switch
        {
            IInvocationOperation invocation => invocation.TargetMethod.Name,
            IMemberReferenceOperation member => member.Member.Name,
            _ => "?",
        },
        _ => null,
    };

    // 'out var local', '(var local, …) = …' and 'out local' say where it comes from.
    private static bool IsDeclaration(ILocalReferenceOperation reference) =>
        reference.IsDeclaration || reference.Parent is IDeclarationExpressionOperation or ITupleOperation { Parent: IDeclarationExpressionOperation or IDeconstructionAssignmentOperation }
        || reference.Parent is IArgumentOperation { Parameter.RefKind: RefKind.Out };
}
