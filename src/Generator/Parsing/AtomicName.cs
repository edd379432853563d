using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TypedShm.Generator;

/// <summary>
/// Tells whether <c>[Atomic]</c> can only mean the library's attribute where a struct stands. To ask the compiler it binds the attribute,
/// its constructor and its usage, for every marked field at every keystroke; where the name cannot mean anything else the source says
/// enough. What could give it another meaning is looked for where the language looks: in the struct, in the namespaces around it, and
/// among the using directives. Wherever there is any doubt, the compiler is asked.
/// </summary>
internal sealed class AtomicName
{
    private const string Short = "Atomic";
    private const string Long = "AtomicAttribute";
    private const string Library = "TypedShm";

    private static readonly ConditionalWeakTable<Compilation, AtomicName> s_known = new();

    private readonly Compilation _compilation;
    private readonly (bool ImportsLibrary, bool Renames) _global;

    // By namespace of the source.
    private readonly ConcurrentDictionary<INamespaceSymbol, bool> _free = new(SymbolEqualityComparer.Default);

    private AtomicName(Compilation compilation)
    {
        _compilation = compilation;
        foreach (SyntaxTree tree in compilation.SyntaxTrees)
        {
            if (tree.GetRoot() is CompilationUnitSyntax { Usings: { Count: > 0 } usings })
                _global = Add(_global, usings, onlyGlobal: true);
        }
    }

    /// <summary>Whether the attributes on a member are <c>[Atomic]</c> and nothing else, as far as their names go.</summary>
    public static bool IsAllThatMarks(MemberDeclarationSyntax member) => member.AttributeLists is
    [
    {
        Target: null,
        Attributes: [{ ArgumentList: null, Name: IdentifierNameSyntax { Identifier.ValueText: Short or Long } }]
    }
    ];

    /// <summary>Whether the name can only mean the library's attribute in this part of a struct.</summary>
    public static bool IsPlainIn(TypeDeclarationSyntax part, INamedTypeSymbol type) =>
        type is { ContainingType: null, ContainingAssembly: ISourceAssemblySymbol { Compilation: var compilation } }
        && type.GetTypeMembers(Short).IsEmpty && type.GetTypeMembers(Long).IsEmpty
        && s_known.GetValue(compilation, static compilation => new AtomicName(compilation)).IsPlain(part, type);

    private bool IsPlain(TypeDeclarationSyntax part, INamedTypeSymbol type)
    {
        (bool ImportsLibrary, bool Renames) found = _global;
        for (SyntaxNode? outer = part.Parent; outer is not null; outer = outer.Parent)
        {
            // Directives in a namespace come before those of the file.
            if (outer is BaseNamespaceDeclarationSyntax { Usings.Count: > 0 })
                return false;
            if (outer is CompilationUnitSyntax unit)
                found = Add(found, unit.Usings, onlyGlobal: false);
        }

        return found is { ImportsLibrary: true, Renames: false } && _free.GetOrAdd(type.ContainingNamespace, IsFree);
    }

    // The namespaces of referenced assemblies too, which those of the source do not show.
    private bool IsFree(INamespaceSymbol space) =>
        _compilation.GetCompilationNamespace(space) is { } all
        && all.GetTypeMembers(Short, 0).IsEmpty && all.GetTypeMembers(Long, 0).IsEmpty
        && (space.IsGlobalNamespace || _free.GetOrAdd(space.ContainingNamespace, IsFree));

    private static (bool ImportsLibrary, bool Renames) Add(
        (bool ImportsLibrary, bool Renames) found, SyntaxList<UsingDirectiveSyntax> usings, bool onlyGlobal)
    {
        foreach (UsingDirectiveSyntax directive in usings)
        {
            if (onlyGlobal && directive.GlobalKeyword.Span.IsEmpty)
                continue;
            if (directive.Alias is { Name.Identifier.ValueText: var alias })
                found.Renames |= alias is Short or Long;
            else if (directive.StaticKeyword.Span.IsEmpty && directive.Name is IdentifierNameSyntax { Identifier.ValueText: Library })
                found.ImportsLibrary = true;
        }

        return found;
    }
}
