using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>The members of a struct, as far as they can be told while it is being typed.</summary>
internal static class Members
{
    // Of the struct that is looked at: one that serves all structs costs less than to ask the compiler for the members of each name.
    [ThreadStatic]
    private static HashSet<string>? s_names;

    /// <returns>
    /// The fields, in order of declaration; null if one has no name or shares it with another member, which the compiler reports.
    /// </returns>
    public static List<IFieldSymbol>? InstanceFieldsOf(INamedTypeSymbol type)
    {
        ImmutableArray<ISymbol> members = type.GetMembers();
        List<IFieldSymbol> fields = new(members.Length);
        HashSet<string> names = s_names ??= [];
        names.Clear();
        foreach (ISymbol member in members)
        {
            bool isFirst = names.Add(member.Name);
            if (member is IFieldSymbol { IsStatic: false } field)
            {
                if (!isFirst || field.Name.Length == 0 || field.Name == type.Name)
                    return null;
                fields.Add(field);
            }
            else if (!isFirst && fields.Exists(other => other.Name == member.Name))
            {
                return null;
            }
        }

        return fields;
    }

    /// <summary>Whether a type has attributes, as far as its source shows it: to look there costs less than to ask the compiler.</summary>
    public static bool MayHaveAttributes(INamedTypeSymbol type, CancellationToken cancellationToken)
    {
        foreach (SyntaxReference part in type.DeclaringSyntaxReferences)
        {
            if (part.GetSyntax(cancellationToken)
                is Microsoft.CodeAnalysis.CSharp.Syntax.BaseTypeDeclarationSyntax { AttributeLists.Count: > 0 })
                return true;
        }

        return type.DeclaringSyntaxReferences.IsEmpty
            && type.ContainingNamespace is not { Name: "System", ContainingNamespace.IsGlobalNamespace: true };
    }

    /// <summary>Whether code in a type may use what is obsolete.</summary>
    public static bool IsObsolete(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? outer = type; outer is not null; outer = outer.ContainingType)
        {
            if (MetadataNames.FindAttribute(outer, MetadataNames.Obsolete) is not null)
                return true;
        }

        return false;
    }
}
