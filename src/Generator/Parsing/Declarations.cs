using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TypedShm.Generator;

/// <summary>A struct's declaration, and those of the types around it.</summary>
internal static class Declarations
{
    /// <summary>
    /// Whether there is a struct that can be added to: it and everything around it has a name of its own. Otherwise the compiler says
    /// what is wrong, for instance while it is being typed.
    /// </summary>
    public static bool AreWhole(INamedTypeSymbol type)
    {
        if (type.TypeKind != TypeKind.Struct)
            return false;
        for (INamedTypeSymbol? outer = type; outer is not null; outer = outer.ContainingType)
        {
            if (outer.Name.Length == 0
                || ((INamespaceOrTypeSymbol)outer.ContainingSymbol).GetTypeMembers(outer.Name, outer.Arity).Length > 1)
                return false;
        }

        for (INamespaceSymbol space = type.ContainingNamespace; !space.IsGlobalNamespace; space = space.ContainingNamespace)
        {
            if (space.Name.Length == 0)
                return false;
        }

        return true;
    }

    /// <summary>
    /// Whether a declaration is the one of the struct's that generated code is made for: the first with the attribute, should several
    /// have it.
    /// </summary>
    public static bool IsFirstMarked(INamedTypeSymbol type, SyntaxNode declaration)
    {
        if (type.DeclaringSyntaxReferences.Length < 2)
            return true;
        return MetadataNames.FindAttribute(type, MetadataNames.SharedLayout)?.ApplicationSyntaxReference is not { } first
            || (first.SyntaxTree == declaration.SyntaxTree && declaration.FullSpan.Contains(first.Span));
    }

    /// <summary>The types around a struct, outermost first: <c>partial class Outer</c>.</summary>
    public static List<string> ContainersOf(INamedTypeSymbol type)
    {
        List<string> containers = [];
        for (INamedTypeSymbol? outer = type.ContainingType; outer is not null; outer = outer.ContainingType)
            containers.Insert(0, $"partial {TypeNames.KeywordOf(outer)} {Identifiers.Escape(outer.Name)}");
        return containers;
    }

    public static bool IsPublic(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? outer = type; outer is not null; outer = outer.ContainingType)
        {
            if (outer.DeclaredAccessibility != Accessibility.Public)
                return false;
        }

        return true;
    }

    /// <summary>
    /// What generated code outside the struct carries because it, or a type around it, is obsolete; and what is not reported in generated
    /// code.
    /// </summary>
    public static (EquatableArray<string> Attributes, EquatableArray<string> DisabledIds) CarriedBy(
        INamedTypeSymbol type, IEnumerable<string> idsOfFields)
    {
        List<string> attributes = [];
        SortedSet<string> ids = new(idsOfFields, StringComparer.Ordinal);
        for (INamedTypeSymbol? outer = type; outer is not null; outer = outer.ContainingType)
        {
            CarriedAttributes carried = CarriedAttributes.Of(outer);
            ids.UnionWith(carried.Ids);

            // The innermost that is obsolete will do: no class can be so twice.
            if (attributes.Count == 0)
                attributes.AddRange(carried.Attributes.Where(
                    static attribute => attribute.StartsWith("global::System.Obsolete", StringComparison.Ordinal)));
        }

        return (new EquatableArray<string>([.. attributes]), new EquatableArray<string>([.. ids]));
    }
}
