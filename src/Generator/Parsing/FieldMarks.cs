using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TypedShm.Generator;

/// <summary>What the attributes on a field say.</summary>
internal readonly record struct FieldMarks(bool IsAtomic, bool IsText, string? Obsolete)
{
    public static FieldMarks Of(IFieldSymbol field) => new(
        MetadataNames.FindAttribute(field, MetadataNames.Atomic) is not null,
        MetadataNames.FindAttribute(field, MetadataNames.Text) is not null,
        ObsoleteMark.Of(field));

    /// <summary>
    /// The names of the fields that have attributes at all. Few have, and to look at the source costs less than to ask the compiler about each.
    /// </summary>
    /// <returns>The names, or null if the struct has no source.</returns>
    public static HashSet<string>? MarkedFields(INamedTypeSymbol type, CancellationToken cancellationToken)
    {
        if (type.DeclaringSyntaxReferences.IsEmpty)
            return null;

        HashSet<string> names = [];
        foreach (SyntaxReference part in type.DeclaringSyntaxReferences)
        {
            foreach (MemberDeclarationSyntax member in ((TypeDeclarationSyntax)part.GetSyntax(cancellationToken)).Members)
            {
                if (member is FieldDeclarationSyntax { AttributeLists.Count: > 0 } field)
                    names.UnionWith(field.Declaration.Variables.Select(static variable => variable.Identifier.ValueText));
            }
        }

        return names;
    }
}
