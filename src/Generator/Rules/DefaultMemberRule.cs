using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0018: the struct inherits a member's body from an interface.</summary>
internal static class DefaultMemberRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0018",
        title: "A default member of an interface works on a copy",
        messageFormat: "'{0}' takes the default body of '{1}', which runs on a boxed copy of the struct, so what it writes is lost: "
            + "implement '{2}' in '{0}'",
        category: RuleCategories.Layout,
        defaultSeverity: DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        description: "The body of an interface's member can only reach a struct through a reference to an object, and so not in shared "
            + "memory.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0018.md");

    public static void Check(INamedTypeSymbol type, ParseReport report)
    {
        foreach (INamedTypeSymbol contract in type.AllInterfaces)
        {
            foreach (ISymbol member in contract.GetMembers())
            {
                // An accessor goes with its property or event.
                if (member is { IsStatic: false, IsVirtual: true, IsAbstract: false } and not IMethodSymbol { AssociatedSymbol: not null }
                    && type.FindImplementationForInterfaceMember(member) is { ContainingType.TypeKind: TypeKind.Interface })
                {
                    report.Add(Descriptor, type, type.Name, $"{contract.Name}.{member.Name}", member.Name);
                }
            }
        }
    }
}
