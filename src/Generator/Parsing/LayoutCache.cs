using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace TypedShm.Generator;

/// <summary>
/// What the structs of a project were parsed to, kept while nothing is declared anew. The compiler asks for every struct again at every
/// keystroke, since what a field's type means may be what has changed; but most keystrokes are in bodies and comments, where nothing is
/// declared. Any other change, of a file, a reference or an option, forgets all of it: a layout depends on types and constants that stand
/// anywhere, on what is imported, and on what else bears the name of a type.
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
        if (known.Layouts.TryGetValue(declaration, out StrongBox<LayoutSpec?>? found))
            return found.Value;
        LayoutSpec? layout = Declarations.IsFirstMarked(type, declaration)
            ? StructParser.Parse(type, problems: null, cancellationToken)
            : null;
        return known.Layouts.GetValue(declaration, _ => new StrongBox<LayoutSpec?>(layout)).Value;
    }

    private Known KnownOf(CSharpCompilation compilation, CancellationToken cancellationToken)
    {
        Known? last = _last;
        if (last is not null && last.IsOf(compilation))
            return last;
        Known now = new(compilation, last is not null && last.DeclaresSameAs(compilation, cancellationToken) ? last.Layouts : new());
        _last = now;
        return now;
    }

    /// <summary>What is known of a compilation; the layouts are shared by all that declare the same.</summary>
    private sealed class Known(CSharpCompilation compilation, ConditionalWeakTable<SyntaxNode, StrongBox<LayoutSpec?>> layouts)
    {
        // What was asked of the compiler is as much as the project itself, and of no use for the next compilation.
        private readonly WeakReference<CSharpCompilation> _compilation = new(compilation);
        private readonly ImmutableArray<SyntaxTree> _trees = compilation.SyntaxTrees;
        private readonly ImmutableArray<MetadataReference> _references = compilation.ExternalReferences;
        private readonly CSharpCompilationOptions _options = compilation.Options;
        private readonly string? _assembly = compilation.AssemblyName;

        /// <summary>By declaration, as long as somebody has it.</summary>
        public ConditionalWeakTable<SyntaxNode, StrongBox<LayoutSpec?>> Layouts { get; } = layouts;

        public bool IsOf(CSharpCompilation compilation) =>
            _compilation.TryGetTarget(out CSharpCompilation? own) && own == compilation;

        public bool DeclaresSameAs(CSharpCompilation compilation, CancellationToken cancellationToken)
        {
            ImmutableArray<SyntaxTree> trees = compilation.SyntaxTrees;
            if (trees.Length != _trees.Length || _assembly != compilation.AssemblyName || !_options.Equals(compilation.Options)
                || !_references.SequenceEqual(compilation.ExternalReferences))
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
