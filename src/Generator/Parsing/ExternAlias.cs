using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TypedShm.Generator;

/// <summary>Assemblies that are referenced under an alias, so that their types stand behind it and not behind <c>global::</c>.</summary>
internal static class ExternAlias
{
    /// <summary>Whether a struct stands in a file with the directive, without which its fields cannot name such types.</summary>
    public static bool MayBeUsedBy(INamedTypeSymbol user) =>
        user.DeclaringSyntaxReferences.Any(static part => part.SyntaxTree.GetRoot() is CompilationUnitSyntax unit && HasDirective(unit));

    /// <returns>The alias by which <paramref name="user"/> has to name <paramref name="type"/>, or null if it needs none.</returns>
    public static string? Of(ITypeSymbol type, INamedTypeSymbol user)
    {
        if (type.ContainingAssembly is not { } assembly
            || SymbolEqualityComparer.Default.Equals(assembly, user.ContainingAssembly)
            || user.ContainingAssembly is not ISourceAssemblySymbol { Compilation: var compilation })
        {
            return null;
        }

        ImmutableArray<string> aliases = compilation.GetMetadataReference(assembly)?.Properties.Aliases ?? [];
        return aliases.IsDefaultOrEmpty || aliases.Contains(MetadataReferenceProperties.GlobalAlias) ? null : aliases[0];
    }

    private static bool HasDirective(CompilationUnitSyntax unit) =>
        unit.Externs.Count > 0 || unit.Members.OfType<BaseNamespaceDeclarationSyntax>().Any(static space => space.Externs.Count > 0);
}
