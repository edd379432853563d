using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace TypedShm.Generator;

/// <summary>TSHM0109: a large struct is copied off a reference.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class LargeCopyAnalyzer() : UsageAnalyzer(Descriptor)
{
    private const int MostBytes = 256;

    internal static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0109",
        title: "A large struct is copied",
        messageFormat: "'{0}' copies the {1} bytes of '{2}' while they may change: use {3}, or Read() where a copy is meant",
        category: RuleCategories.Concurrency,
        defaultSeverity: DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "A struct of more than 256 bytes is in shared memory so that it need not be copied, and the fields of a copy are of different moments.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0109.md");

    /// <inheritdoc/>
    protected override void Register(CompilationStartAnalysisContext start)
    {
        ConcurrentDictionary<ITypeSymbol, int> sizes = new(SymbolEqualityComparer.Default);
        start.RegisterOperationAction(context => Check(context, sizes), OperationKind.VariableInitializer, OperationKind.SimpleAssignment, OperationKind.Argument, OperationKind.Return);
    }

    private static void Check(OperationAnalysisContext context, ConcurrentDictionary<ITypeSymbol, int> sizes)
    {
        (IOperation? value, string remedy) = context.Operation switch
        {
            IVariableInitializerOperation { Parent: IVariableDeclaratorOperation { Symbol.IsRef: false } } initializer => (initializer.Value, "'ref readonly var'"),
            ISimpleAssignmentOperation { IsRef: false } assignment => (assignment.Value, "a reference to it"),
            IArgumentOperation { Parameter.RefKind: RefKind.None, IsImplicit: false } argument => (argument.Value, "an 'in' parameter"),
            IReturnOperation { ReturnedValue: { } returned } when !ReturnsReference(context.ContainingSymbol) => (returned, "'ref readonly' for what is returned"),
            _ => default((IOperation?, string)),
        };
        if (value?.Type is not INamedTypeSymbol { TypeKind: TypeKind.Struct } type || !Operations.IsReference(value))
            return;

        int size = sizes.GetOrAdd(type, key => SizeOf((INamedTypeSymbol)key, context.CancellationToken));
        if (size > MostBytes)
            context.ReportDiagnostic(Diagnostic.Create(Descriptor, value.Syntax.GetLocation(), value.Syntax.ToString(), size, type.Name, remedy));
    }

    private static int SizeOf(INamedTypeSymbol type, CancellationToken cancellationToken) => MetadataNames.FindAttribute(type, MetadataNames.SharedLayout) is null
        ? 0
        : StructParser.Parse(type, problems: null, cancellationToken)?.Size ?? 0;

    private static bool ReturnsReference(ISymbol symbol) => symbol switch
    {
        IMethodSymbol method => method.ReturnsByRef || method.ReturnsByRefReadonly,
        IPropertySymbol property => property.ReturnsByRef || property.ReturnsByRefReadonly,
        _ => false,
    };
}
