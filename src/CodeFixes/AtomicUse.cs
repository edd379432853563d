using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TypedShm.CodeFixes;

/// <summary>A place where a field is used through a view as a plain one, and what it becomes when the view has operations for it.</summary>
/// <param name="Node">What is replaced.</param>
/// <param name="Rewrite">What it becomes, given the node as it is by then.</param>
internal sealed record AtomicUse(SyntaxNode Node, Func<SyntaxNode, SyntaxNode> Rewrite)
{
    private static readonly HashSet<string> s_operations =
        ["Read", "Write", "Add", "Increment", "Decrement", "Exchange", "CompareExchange", "And", "Or"];

    public static async Task<List<AtomicUse>> FindAsync(Document document, IFieldSymbol field, CancellationToken cancellationToken)
    {
        List<AtomicUse> uses = [];
        if (await document.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false) is not { } root
            || await document.GetSemanticModelAsync(cancellationToken).ConfigureAwait(false) is not { } model)
        {
            return uses;
        }

        foreach (MemberAccessExpressionSyntax access in root.DescendantNodes().OfType<MemberAccessExpressionSyntax>())
        {
            if (access.Name.Identifier.ValueText == field.Name
                && model.GetSymbolInfo(access, cancellationToken)
                    .Symbol is IPropertySymbol { ContainingType: { Name: "SharedView" or "ReadOnlySharedView" } view }
                && SymbolEqualityComparer.Default.Equals(view.ContainingType, field.ContainingType)
                && Of(access, field, model) is { } use)
            {
                uses.Add(use);
            }
        }

        return uses;
    }

    /// <summary>The use, or null if the view has nothing for it: it is left to the user.</summary>
    private static AtomicUse? Of(MemberAccessExpressionSyntax access, IFieldSymbol field, SemanticModel model) => access.Parent switch
    {
        AssignmentExpressionSyntax assignment when assignment.Left == access => OfAssignment(assignment, field, model),
        PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.PreIncrementExpression or (int)SyntaxKind.PreDecrementExpression } step =>
            OfStep(step, field, model),
        PostfixUnaryExpressionSyntax
        {
            RawKind: (int)SyntaxKind.PostIncrementExpression
            or (int)SyntaxKind.PostDecrementExpression
        } step => OfStep(step, field, model),
        ArgumentSyntax { RefKindKeyword.RawKind: not 0, Parent.Parent: InvocationExpressionSyntax call } argument =>
            OfCall(call, argument, model),
        ArgumentSyntax { RefKindKeyword.RawKind: not 0 } or RefExpressionSyntax => OfReference(access, model),
        _ => new AtomicUse(access, static current => Call((ExpressionSyntax)current, "Read").WithTriviaFrom(current)),
    };

    private static AtomicUse? OfAssignment(AssignmentExpressionSyntax assignment, IFieldSymbol field, SemanticModel model)
    {
        bool isStatement = assignment.Parent is ExpressionStatementSyntax;
        string type = field.Type.ToMinimalDisplayString(model, assignment.SpanStart);
        bool fits = model.ClassifyConversion(assignment.Right, field.Type).IsImplicit;
        bool isInteger = field.Type.SpecialType is (>= SpecialType.System_SByte and <= SpecialType.System_UInt64)
            or SpecialType.System_Char;
        string operand = IsSimple(assignment.Right) ? "__1" : "(__1)";
        string given = fits ? "__1" : $"({type}){operand}";

        // What is added says by its type what it is added to.
        string added = SymbolEqualityComparer.Default.Equals(model.GetTypeInfo(assignment.Right).Type, field.Type)
            ? "__1"
            : $"({type}){operand}";
        string? arguments = assignment.Kind() switch
        {
            SyntaxKind.SimpleAssignmentExpression when isStatement => "Write(__1)",
            SyntaxKind.AddAssignmentExpression when isInteger => $"Add({added})",
            SyntaxKind.SubtractAssignmentExpression when field.Type.SpecialType is SpecialType.System_Int32 or SpecialType.System_Int64
                && fits => $"Add(-{operand})",
            SyntaxKind.SubtractAssignmentExpression when isInteger => $"Add(unchecked(({type})(0 - {operand})))",
            SyntaxKind.AndAssignmentExpression when isStatement => $"And({given})",
            SyntaxKind.OrAssignmentExpression when isStatement => $"Or({given})",
            _ when isStatement => $"Write(({type})(__0.Read() {assignment.OperatorToken.Text.TrimEnd('=')} {operand}))",
            _ => null,
        };
        return arguments is null
            ? null
            : new AtomicUse(assignment, current => Build($"__0.{arguments}", current, ((AssignmentExpressionSyntax)current).Left,
                ((AssignmentExpressionSyntax)current).Right));
    }

    private static AtomicUse OfStep(ExpressionSyntax step, IFieldSymbol field, SemanticModel model)
    {
        bool isUp = step.Kind() is SyntaxKind.PreIncrementExpression or SyntaxKind.PostIncrementExpression;
        bool isPostfix = step is PostfixUnaryExpressionSyntax && step.Parent is not (ExpressionStatementSyntax or ForStatementSyntax);
        string type = field.Type.ToMinimalDisplayString(model, step.SpanStart);
        bool isInteger = field.Type.SpecialType is (>= SpecialType.System_SByte and <= SpecialType.System_UInt64)
            or SpecialType.System_Char;
        bool isWide = field.Type.SpecialType is >= SpecialType.System_Int32 and <= SpecialType.System_UInt64;
        return new AtomicUse(step, current =>
        {
            ExpressionSyntax place = current is PrefixUnaryExpressionSyntax prefix
                ? prefix.Operand
                : ((PostfixUnaryExpressionSyntax)current).Operand;

            // Enums and floating-point numbers have no arithmetic in one step, as they had none before.
            if (!isInteger)
                return Build($"__0.Write(__0.Read() {(isUp ? '+' : '-')} 1)", current, place);
            string stepped = $"__0.{(isUp ? "Increment" : "Decrement")}()";
            if (!isPostfix)
                return Build(stepped, current, place);
            string before = $"{stepped} {(isUp ? '-' : '+')} 1";
            return Build(isWide ? $"({before})" : $"unchecked(({type})({before}))", current, place);
        });
    }

    // Interlocked.X(ref view.Field, …) and Volatile.X have their counterparts; any other method is given the field itself.
    private static AtomicUse? OfCall(InvocationExpressionSyntax call, ArgumentSyntax argument, SemanticModel model)
    {
        if (model.GetSymbolInfo(call).Symbol is not IMethodSymbol
            {
                ContainingType:
                {
                    Name: "Interlocked" or "Volatile",
                    ContainingNamespace: { Name: "Threading", ContainingNamespace.Name: "System" }
                }, Name: var name
            }
            || call.ArgumentList.Arguments[0] != argument || !s_operations.Contains(name))
        {
            return OfReference((MemberAccessExpressionSyntax)argument.Expression, model);
        }

        return new AtomicUse(call, current =>
        {
            SeparatedSyntaxList<ArgumentSyntax> arguments = ((InvocationExpressionSyntax)current).ArgumentList.Arguments;
            string rest = string.Join(", ", Enumerable.Range(1, arguments.Count - 1).Select(static index => $"__{index}"));
            return Build($"__0.{name}({rest})", current, [.. arguments.Select(static given => given.Expression)]);
        });
    }

    // 'ref owner.View.Field' is a reference to the same place as 'ref owner.Value.Field'.
    private static AtomicUse? OfReference(MemberAccessExpressionSyntax access, SemanticModel model) =>
        access.Expression is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "View", Expression: var owner }
            && model.GetTypeInfo(owner).Type?.GetMembers("Value").IsEmpty == false
            ? new AtomicUse(access, static current =>
            {
                MemberAccessExpressionSyntax field = (MemberAccessExpressionSyntax)current;
                MemberAccessExpressionSyntax view = (MemberAccessExpressionSyntax)field.Expression;
                return field.WithExpression(view.WithName(SyntaxFactory.IdentifierName("Value")));
            })
            : null;

    private static bool IsSimple(ExpressionSyntax value) =>
        value is LiteralExpressionSyntax or IdentifierNameSyntax or ParenthesizedExpressionSyntax or MemberAccessExpressionSyntax
            or InvocationExpressionSyntax;

    /// <summary>
    /// An expression with nodes in the places of <c>__0</c>, <c>__1</c> and so on: the nodes themselves, in which an editor still finds
    /// what else it has to change.
    /// </summary>
    private static ExpressionSyntax Build(string text, SyntaxNode replaced, params ExpressionSyntax[] parts)
    {
        ExpressionSyntax built = SyntaxFactory.ParseExpression(text);
        IEnumerable<IdentifierNameSyntax> places = built.DescendantNodesAndSelf().OfType<IdentifierNameSyntax>()
            .Where(static name => name.Identifier.ValueText.StartsWith("__", StringComparison.Ordinal));
        return built.ReplaceNodes(places, (name, _) => parts[name.Identifier.ValueText[2] - '0'].WithoutTrivia().WithTriviaFrom(name))
            .WithTriviaFrom(replaced);
    }

    private static InvocationExpressionSyntax Call(ExpressionSyntax field, string method) =>
        SyntaxFactory.InvocationExpression(SyntaxFactory.MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression,
            field.WithoutTrivia(), SyntaxFactory.IdentifierName(method)));
}
