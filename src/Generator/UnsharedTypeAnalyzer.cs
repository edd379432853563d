using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace TypedShm.Generator;

/// <summary>TSHM0120: a channel is asked for of a type that is no shared struct, which the compiler says in terms of boxing.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UnsharedTypeAnalyzer : DiagnosticAnalyzer
{
    private const string Contract = "TypedShm.ISharedLayout`1";

    internal static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0120",
        title: "Only [SharedLayout] structs can be shared",
        messageFormat: "'{0}' {1}",
        category: RuleCategories.Project,
        defaultSeverity: DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "The runtime shares types whose layout the generator has computed: structs that are marked [SharedLayout] in a "
            + "project that references the generator.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0120.md");

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptor];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            if (start.Compilation.GetTypeByMetadataName(Contract) is not { } contract)
                return;
            Lazy<HashSet<string>> names = new(() => NamesIn(contract.ContainingNamespace, contract));
            start.RegisterSyntaxNodeAction(node => Check(node, contract, names), SyntaxKind.GenericName);
        });
    }

    private static void Check(SyntaxNodeAnalysisContext context, INamedTypeSymbol contract, Lazy<HashSet<string>> names)
    {
        GenericNameSyntax name = (GenericNameSyntax)context.Node;

        // The parameters of a type that documentation refers to are names of its own: cref="SharedStateReader{T}" constrains nothing.
        if (name.IsUnboundGenericName || name.IsPartOfStructuredTrivia() || !names.Value.Contains(name.Identifier.ValueText))
            return;
        SymbolInfo info = context.SemanticModel.GetSymbolInfo(name, context.CancellationToken);
        ISymbol? symbol = info.Symbol ?? info.CandidateSymbols.FirstOrDefault();
        ImmutableArray<ITypeParameterSymbol> parameters = symbol switch
        {
            IMethodSymbol { ContainingType: var type } method when SharedTypes.IsOfRuntime(type) => method.TypeParameters,
            INamedTypeSymbol type when SharedTypes.IsOfRuntime(type) => type.TypeParameters,
            _ => [],
        };
        for (int i = 0; i < parameters.Length && i < name.TypeArgumentList.Arguments.Count; i++)
        {
            TypeSyntax argument = name.TypeArgumentList.Arguments[i];
            if (MustBeShared(parameters[i], contract)
                && context.SemanticModel.GetTypeInfo(argument, context.CancellationToken).Type is { TypeKind: not TypeKind.Error } given
                && RemedyFor(given, contract, context.Compilation) is { } remedy)
            {
                context.ReportDiagnostic(Diagnostic.Create(Descriptor, argument.GetLocation(),
                    given.ToMinimalDisplayString(context.SemanticModel, argument.SpanStart), remedy));
            }
        }
    }

    /// <summary>What is to be done so that the type can be shared; null if it can, or if other rules say it.</summary>
    private static string? RemedyFor(ITypeSymbol given, INamedTypeSymbol contract, Compilation compilation) => given switch
    {
        ITypeParameterSymbol parameter => MustBeShared(parameter, contract)
            ? null
            : $"may be any type here: constrain it, 'where {parameter.Name} : unmanaged, ISharedLayout<{parameter.Name}>'",
        INamedTypeSymbol type when IsContract(type, contract) => null,
        INamedTypeSymbol { TypeKind: TypeKind.Struct } type when SharedTypes.IsShared(type) => IsIn(type, compilation)
            ? null
            : $"is marked [SharedLayout], but its assembly '{type.ContainingAssembly.Name}' was compiled without the generator: "
                + "reference the package TypedShm, with its analyzers, from that project",
        INamedTypeSymbol { TypeKind: TypeKind.Struct, SpecialType: SpecialType.None, IsGenericType: false } type when IsIn(
            type, compilation) =>
            $"is no shared struct: mark it [SharedLayout], and make it partial",
        INamedTypeSymbol { TypeKind: TypeKind.Class } type when IsIn(type, compilation) =>
            "is a class, and references mean nothing in another process: make it a partial struct, and mark it [SharedLayout]",
        _ => "is not marked [SharedLayout]: share a struct of your own that is, with a field of this type",
    };

    private static bool IsIn(INamedTypeSymbol type, Compilation compilation) =>
        SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, compilation.Assembly);

    // A constraint may be an interface that the user derived from the contract, or another parameter that is constrained; never a circle.
    private static bool MustBeShared(ITypeParameterSymbol parameter, INamedTypeSymbol contract) =>
        parameter.ConstraintTypes.Any(constraint => constraint switch
    {
        INamedTypeSymbol named => IsContract(named, contract),
        ITypeParameterSymbol other => MustBeShared(other, contract),
        _ => false,
    });

    private static bool IsContract(INamedTypeSymbol type, INamedTypeSymbol contract) =>
        Is(type, contract) || type.AllInterfaces.Any(implemented => Is(implemented, contract));

    private static bool Is(INamedTypeSymbol type, INamedTypeSymbol contract) =>
        SymbolEqualityComparer.Default.Equals(type.OriginalDefinition, contract);

    /// <summary>The names of the runtime's types and methods that ask for shared structs.</summary>
    private static HashSet<string> NamesIn(INamespaceSymbol space, INamedTypeSymbol contract)
    {
        HashSet<string> names = [];
        foreach (INamedTypeSymbol type in space.GetTypeMembers())
        {
            if (!SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, contract.ContainingAssembly))
                continue;
            if (type.TypeParameters.Any(parameter => MustBeShared(parameter, contract)))
                names.Add(type.Name);
            names.UnionWith(type.GetMembers().OfType<IMethodSymbol>()
                .Where(method => method.TypeParameters.Any(parameter => MustBeShared(parameter, contract)))
                .Select(static method => method.Name));
        }

        return names;
    }
}
