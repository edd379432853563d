using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TypedShm.Generator;

/// <summary>What the attributes on a field say.</summary>
internal readonly record struct FieldMarks(bool IsAtomic, bool IsText, string? Obsolete)
{
    public static FieldMarks Of(IFieldSymbol field)
    {
        // Nearly all fields have none, and to look costs less than to have the compiler look.
        if (field.DeclaringSyntaxReferences is [var reference] && reference.GetSyntax() is { Parent.Parent: FieldDeclarationSyntax { AttributeLists.Count: 0 } })
            return default;
        return new FieldMarks(
            MetadataNames.FindAttribute(field, MetadataNames.Atomic) is not null,
            MetadataNames.FindAttribute(field, MetadataNames.Text) is not null,
            ObsoleteMark.Of(field));
    }
}
