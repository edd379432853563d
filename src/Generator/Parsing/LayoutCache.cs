using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace TypedShm.Generator;

/// <summary>
/// What the structs of a project were parsed to, kept while nothing is declared anew. The compiler asks for every struct again at every
/// keystroke, since what a field's type means may be what has changed; but most keystrokes are in bodies and comments, where nothing is
/// declared. If anything is declared anew, only what rests on the types of its fields alone is kept, where these mean what they meant
/// (<see cref="ParsedDeclaration"/>): a layout may depend on types and constants that stand anywhere, on what is imported, and on what else
/// bears the name of a type. A change of a reference or an option forgets all of it.
/// </summary>
/// <remarks>
/// One belongs to each driver, and so to each project. Drivers are immutable and may be run by several threads, so what is known is in one
/// object that is replaced as a whole. Trees and nodes are of the compilation that was seen last, which the driver keeps too.
/// </remarks>
internal sealed class LayoutCache
{
    private volatile Known? _last;

    /// <summary>The layout of the struct that a declaration with the attribute is the first of; null if there is none.</summary>
    /// <param name="declaration">The declaration.</param>
    /// <param name="type">The struct.</param>
    /// <param name="compilation">The project as it is now.</param>
    /// <param name="cancellationToken">The editor has moved on.</param>
    public LayoutSpec? Find(
        SyntaxNode declaration, INamedTypeSymbol type, CSharpCompilation compilation, CancellationToken cancellationToken)
    {
        Known known = KnownOf(compilation, cancellationToken);
        if (known.Layouts.TryGetValue(declaration, out ParsedDeclaration? found))
            return found.Layout;
        if (known.Before is not { } before || !before.TryGetValue(declaration, out found)
            || !found.HoldsFor(declaration, type, cancellationToken))
            found = ParsedDeclaration.Of(declaration, type, cancellationToken);
        return known.Layouts.GetValue(declaration, _ => found).Layout;
    }

    private Known KnownOf(CSharpCompilation compilation, CancellationToken cancellationToken)
    {
        Known? last = _last;
        if (last is not null && last.IsOf(compilation))
            return last;
        Known now = last is null || !last.IsBuiltAs(compilation) ? new(compilation, new(), before: null)
            : last.DeclaresSameAs(compilation, cancellationToken) ? new(compilation, last.Layouts, last.Before)
            : new(compilation, new(), last.Layouts);
        _last = now;
        return now;
    }

    /// <summary>What is known of a compilation; the layouts are shared by all that declare the same.</summary>
    private sealed class Known(
        CSharpCompilation compilation,
        ConditionalWeakTable<SyntaxNode, ParsedDeclaration> layouts,
        ConditionalWeakTable<SyntaxNode, ParsedDeclaration>? before)
    {
        // What was asked of the compiler is as much as the project itself, and of no use for the next compilation.
        private readonly WeakReference<CSharpCompilation> _compilation = new(compilation);
        private readonly ImmutableArray<SyntaxTree> _trees = compilation.SyntaxTrees;
        private readonly ImmutableArray<MetadataReference> _references = compilation.ExternalReferences;
        private readonly CSharpCompilationOptions _options = compilation.Options;
        private readonly string? _assembly = compilation.AssemblyName;

        /// <summary>By declaration, as long as somebody has it.</summary>
        public ConditionalWeakTable<SyntaxNode, ParsedDeclaration> Layouts { get; } = layouts;

        /// <summary>What was known before something was declared anew, of the same references and options.</summary>
        public ConditionalWeakTable<SyntaxNode, ParsedDeclaration>? Before { get; } = before;

        public bool IsOf(CSharpCompilation compilation) =>
            _compilation.TryGetTarget(out CSharpCompilation? own) && own == compilation;

        /// <summary>Whether references and options are the same.</summary>
        public bool IsBuiltAs(CSharpCompilation compilation) =>
            _assembly == compilation.AssemblyName && _options.Equals(compilation.Options)
            && _references.SequenceEqual(compilation.ExternalReferences);

        public bool DeclaresSameAs(CSharpCompilation compilation, CancellationToken cancellationToken)
        {
            ImmutableArray<SyntaxTree> trees = compilation.SyntaxTrees;
            if (trees.Length != _trees.Length)
                return false;
            for (int i = 0; i < trees.Length; i++)
            {
                if (!DeclarationComparison.AreSame(_trees[i], trees[i], cancellationToken))
                    return false;
            }

            return true;
        }
    }
}
