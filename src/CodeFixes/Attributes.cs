using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Simplification;

namespace TypedShm.CodeFixes;

/// <summary>Attributes of the runtime, added to declarations.</summary>
internal static class Attributes
{
    /// <summary>Puts <c>[SharedLayout]</c> on a line of its own before a type.</summary>
    public static TypeDeclarationSyntax AddSharedLayout(TypeDeclarationSyntax type)
    {
        SyntaxTriviaList leading = type.GetLeadingTrivia();
        AttributeListSyntax list = List("SharedLayout").WithLeadingTrivia(leading).WithTrailingTrivia(Whitespace.EndOfLine(type));
        TypeDeclarationSyntax bare = type.WithLeadingTrivia(Whitespace.IndentationOf(type));
        return (TypeDeclarationSyntax)bare.WithAttributeLists(bare.AttributeLists.Insert(0, list));
    }

    /// <summary>Puts <c>[Atomic]</c> before a field, on the same line.</summary>
    public static FieldDeclarationSyntax AddAtomic(FieldDeclarationSyntax field)
    {
        AttributeListSyntax list = List("Atomic").WithTrailingTrivia(SyntaxFactory.Space);
        return field.AttributeLists.Count > 0
            ? field.AddAttributeLists(list)
            : field.WithLeadingTrivia().AddAttributeLists(list).WithLeadingTrivia(field.GetLeadingTrivia());
    }

    public static bool Has(SyntaxList<AttributeListSyntax> lists, string name) =>
        lists.SelectMany(static list => list.Attributes)
            .Any(attribute => attribute.Name is SimpleNameSyntax simple && simple.Identifier.ValueText == name
            || attribute.Name is QualifiedNameSyntax qualified && qualified.Right.Identifier.ValueText == name);

    // Qualified, and shortened to what the file imports. Parsed, since tokens that are made one by one invite the formatter to a new line.
    private static AttributeListSyntax List(string name)
    {
        AttributeListSyntax list = SyntaxFactory.ParseMemberDeclaration($"[global::TypedShm.{name}]int x;")!.AttributeLists[0];
        NameSyntax qualified = list.Attributes[0].Name;
        return list.ReplaceNode(qualified, qualified.WithAdditionalAnnotations(Simplifier.Annotation));
    }
}
