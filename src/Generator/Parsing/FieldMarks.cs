using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TypedShm.Generator;

/// <summary>What the attributes on a field say.</summary>
/// <param name="IsAtomic">Whether it is marked <c>[Atomic]</c>.</param>
/// <param name="IsText">Whether it is marked <c>[Text]</c>.</param>
/// <param name="IsForJson">Whether something is said to System.Text.Json.</param>
/// <param name="Carried">What its accessors have to carry.</param>
internal readonly record struct FieldMarks(bool IsAtomic, bool IsText, bool IsForJson, CarriedAttributes Carried)
{
    public static FieldMarks None { get; } = new(false, false, false, CarriedAttributes.None);

    public static FieldMarks Of(IFieldSymbol field)
    {
        FieldMarks marks = None;
        foreach (AttributeData data in field.GetAttributes())
        {
            if (data.AttributeClass is not { } type)
                continue;
            if (MetadataNames.Is(type, MetadataNames.Atomic))
                marks = marks with { IsAtomic = true };
            else if (MetadataNames.Is(type, MetadataNames.Text))
                marks = marks with { IsText = true };
            else if (type.ContainingNamespace is
            {
                Name: "Serialization",
                ContainingNamespace: { Name: "Json", ContainingNamespace.Name: "Text" }
            })
                marks = marks with { IsForJson = true };
            else if (type.Name is "ObsoleteAttribute" or "ExperimentalAttribute")
                marks = marks with { Carried = CarriedAttributes.Of(field) };
        }

        return marks;
    }

    /// <summary>
    /// The names of the fields that have attributes at all. Few have, and to look at the source costs less than to ask the compiler about
    /// each.
    /// </summary>
    /// <returns>The names, or null if the struct has no source.</returns>
    public static List<string>? MarkedFields(INamedTypeSymbol type, CancellationToken cancellationToken)
    {
        if (type.DeclaringSyntaxReferences.IsEmpty)
            return null;

        List<string> names = [];
        foreach (SyntaxReference part in type.DeclaringSyntaxReferences)
        {
            foreach (MemberDeclarationSyntax member in ((TypeDeclarationSyntax)part.GetSyntax(cancellationToken)).Members)
            {
                if (member is FieldDeclarationSyntax { AttributeLists.Count: > 0 } field)
                    names.AddRange(field.Declaration.Variables.Select(static variable => variable.Identifier.ValueText));
            }
        }

        return names;
    }
}
