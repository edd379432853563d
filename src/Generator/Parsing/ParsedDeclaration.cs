using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TypedShm.Generator;

/// <summary>
/// What a declaration was parsed to. Most structs rest on their own source and on what the types of their fields mean, and on nothing else:
/// if these mean the same in the next compilation, the struct need not be parsed again. Holds nothing of a compilation.
/// </summary>
internal sealed class ParsedDeclaration
{
    // Default if the layout rests on more than these.
    private readonly ImmutableArray<FieldMeaning> _fields;
    private readonly bool _hasAtomics;

    private ParsedDeclaration(LayoutSpec? layout, ImmutableArray<FieldMeaning> fields, bool hasAtomics)
    {
        Layout = layout;
        _fields = fields;
        _hasAtomics = hasAtomics;
    }

    /// <summary>The layout; null if there is none.</summary>
    public LayoutSpec? Layout { get; }

    /// <param name="declaration">The declaration with the attribute.</param>
    /// <param name="type">The struct.</param>
    /// <param name="cancellationToken">The editor has moved on.</param>
    public static ParsedDeclaration Of(SyntaxNode declaration, INamedTypeSymbol type, CancellationToken cancellationToken)
    {
        LayoutSpec? layout = Declarations.IsFirstMarked(type, declaration)
            ? StructParser.Parse(type, problems: null, cancellationToken)
            : null;
        bool hasAtomics = false;
        return layout is not null && declaration is StructDeclarationSyntax part && IsPlain(part, out hasAtomics)
            && IsAlone(part, type, hasAtomics) && !ExternAlias.MayBeUsedBy(type)
            ? new ParsedDeclaration(layout, MeaningOf(type, cancellationToken), hasAtomics)
            : new ParsedDeclaration(layout, default, hasAtomics);
    }

    /// <summary>
    /// Whether the layout is right in another compilation, of the same references and options, in which the declaration is the same.
    /// </summary>
    public bool HoldsFor(SyntaxNode declaration, INamedTypeSymbol type, CancellationToken cancellationToken) =>
        !_fields.IsDefault && IsAlone((StructDeclarationSyntax)declaration, type, _hasAtomics) && Declarations.AreWhole(type)
        && MeaningOf(type, cancellationToken) is { IsDefault: false } fields && fields.SequenceEqual(_fields);

    // Nothing but fields, and no attributes but the library's own: all else may mean something that stands elsewhere.
    private static bool IsPlain(StructDeclarationSyntax part, out bool hasAtomics)
    {
        hasAtomics = false;
        if (part.Parent is not (BaseNamespaceDeclarationSyntax or CompilationUnitSyntax)
            || part.AttributeLists is not [{ Attributes: [{ ArgumentList: null }] }]
            || part is not { BaseList: null, TypeParameterList: null, ParameterList: null })
            return false;
        foreach (MemberDeclarationSyntax member in part.Members)
        {
            if (member is not FieldDeclarationSyntax field || !field.Modifiers.All(static modifier => modifier.Kind()
                is SyntaxKind.PublicKeyword or SyntaxKind.InternalKeyword or SyntaxKind.PrivateKeyword or SyntaxKind.ReadOnlyKeyword))
                return false;
            if (field.AttributeLists.Count == 0)
                continue;
            if (!AtomicName.IsAllThatMarks(field))
                return false;
            hasAtomics = true;
        }

        return true;
    }

    private static bool IsAlone(StructDeclarationSyntax part, INamedTypeSymbol type, bool hasAtomics) =>
        type.DeclaringSyntaxReferences.Length == 1 && (!hasAtomics || AtomicName.IsPlainIn(part, type));

    private static ImmutableArray<FieldMeaning> MeaningOf(INamedTypeSymbol type, CancellationToken cancellationToken)
    {
        FieldTypes types = FieldTypes.Of(type);
        ImmutableArray<ISymbol> members = type.GetMembers();
        ImmutableArray<FieldMeaning>.Builder fields = ImmutableArray.CreateBuilder<FieldMeaning>(members.Length);
        foreach (ISymbol member in members)
        {
            if (member is not IFieldSymbol { Type: var fieldType })
                continue;
            TypeMeaning? meaning = null;
            if (fieldType.SpecialType == SpecialType.None && (meaning = types.Find(fieldType, cancellationToken).Meaning) is null)
                return default;
            fields.Add(new FieldMeaning(fieldType.SpecialType, meaning));
        }

        return fields.ToImmutable();
    }

    /// <summary>What the type of a field means: one of the language's own, or another.</summary>
    private readonly record struct FieldMeaning(SpecialType Special, TypeMeaning? Other);
}
