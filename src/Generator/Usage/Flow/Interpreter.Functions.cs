using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace TypedShm.Generator;

/// <summary>
/// Local functions and lambdas: carried out where they are called, or, if that is not seen, once for what stands in them.
/// </summary>
internal sealed partial class Interpreter
{
    private const int MostDepth = 4;

    private readonly Dictionary<IInvocationOperation, ControlFlowGraph> _bodies = [];
    private readonly HashSet<ISymbol> _carriedOut = new(SymbolEqualityComparer.Default);
    private readonly Stack<(object Function, ControlFlowGraph Graph)> _calls = [];
    private readonly HashSet<ControlFlowGraph> _graphs = [];
    private ControlFlowGraph? _graph;
    private ControlFlowGraph? _root;
    private int _depth;

    /// <summary>What the function that is carried out, or what it calls, publishes or disposes.</summary>
    private HashSet<Origin> _ended = [];

    /// <summary>The method, or a function whose caller is not seen, returns.</summary>
    public void Exit(FlowState state)
    {
        if (_depth == 0)
            Tell(rule => rule.Exited(state));
    }

    /// <summary>What a call carries out, if it is a local function or a lambda that is known; else null.</summary>
    public ControlFlowGraph? BodyOf(IInvocationOperation call) => _bodies.TryGetValue(call, out ControlFlowGraph body) ? body : null;

    private void RunRoot(ControlFlowGraph graph, FlowState entry)
    {
        _root = _graph = graph;
        _graphs.Add(graph);
        FlowSolver.Run(this, graph, entry);
        State = entry;
        foreach (IMethodSymbol unused in graph.LocalFunctions.Where(function => !_carriedOut.Contains(function)))
            RunUnseen(unused);
    }

    private Value CallFunction(object function, IInvocationOperation call)
    {
        IMethodSymbol? symbol = function as IMethodSymbol ?? (function as IFlowAnonymousFunctionOperation)?.Symbol;
        if (symbol is null || _calls.Count >= MostDepth || _calls.Any(open => open.Function.Equals(function))
            || GraphOf(function) is not { } graph)
        {
            foreach (IArgumentOperation argument in call.Arguments)
                Escape(Evaluate(argument.Value));
            ForgetFields();
            return Value.Other;
        }

        foreach (IArgumentOperation argument in call.Arguments)
        {
            Value given = argument.Parameter?.RefKind is null or RefKind.None ? Evaluate(argument.Value) : Visit(argument.Value);
            if (argument.Parameter is { } parameter && parameter.Ordinal < symbol.Parameters.Length)
                State.Set(symbol.Parameters[parameter.Ordinal], given);
        }

        _carriedOut.Add(symbol);
        _bodies[call] = graph;
        _depth++;
        FlowSolver solver = RunGraph(function, graph, State);
        _depth--;

        // One that never returns (it loops, or throws) is rare enough to be followed no further.
        State = solver.End?.Clone() ?? State;
        foreach (IArgumentOperation argument in call.Arguments)
        {
            if (argument.Parameter is { RefKind: RefKind.Out or RefKind.Ref } parameter && parameter.Ordinal < symbol.Parameters.Length)
                Assign(argument.Value, State.Find(symbol.Parameters[parameter.Ordinal]) ?? Value.Other, isReference: false);
        }

        return solver.Result;
    }

    private FlowSolver RunGraph(object function, ControlFlowGraph graph, FlowState entry)
    {
        ControlFlowGraph? outer = _graph;
        _calls.Push((function, graph));
        _graph = graph;
        _graphs.Add(graph);
        FlowSolver solver = FlowSolver.Run(this, graph, entry);
        _graph = outer;
        _calls.Pop();
        return solver;
    }

    /// <summary>
    /// Carries out a function whose caller is not seen. Whatever it finds outside may be different by then, so that only what it makes
    /// itself is spoken of; what it does to the rest is remembered.
    /// </summary>
    private void RunUnseen(object function)
    {
        IMethodSymbol symbol = function as IMethodSymbol ?? ((IFlowAnonymousFunctionOperation)function).Symbol;
        if (_calls.Count >= MostDepth || _calls.Any(open => open.Function.Equals(function)) || GraphOf(function) is not { } graph)
            return;
        _carriedOut.Add(symbol);
        FlowState before = State;
        FlowState entry = before.Clone();
        foreach (Origin origin in _made.Values.Concat(_broughtIn.Values))
            entry[origin] = entry[origin].WithExistence(Life.Unknown).AfterUnfollowedAnswer();
        foreach (IParameterSymbol parameter in symbol.Parameters)
            BringIn(entry, parameter);
        (int depth, HashSet<Origin> ended) = (_depth, _ended);
        (_depth, _ended) = (0, []);
        RunGraph(function, graph, entry);

        // Nobody knows when it ends what it does end.
        foreach (Origin origin in _ended)
            before[origin] = before[origin].WithExistence(Life.Unknown);
        ended.UnionWith(_ended);
        (_depth, _ended) = (depth, ended);
        State = before;

        // Variables that it assigns hold anything from now on.
        foreach (ISymbol assigned in AssignedIn(graph))
            SetVariable(assigned, Value.Other);
    }

    private static IEnumerable<ISymbol> AssignedIn(ControlFlowGraph graph) => graph.Blocks
        .SelectMany(static block => block.Operations.Concat(block.BranchValue is { } value ? [value] : Enumerable.Empty<IOperation>()))
        .SelectMany(static operation => operation.DescendantsAndSelf())
        .Select(static operation => operation switch
        {
            IAssignmentOperation assignment => Operations.Variable(assignment.Target),
            IArgumentOperation { Parameter.RefKind: RefKind.Out or RefKind.Ref } argument => Operations.Variable(argument.Value),
            _ => null,
        })
        .OfType<ISymbol>();

    private Value VisitDelegate(IDelegateCreationOperation creation)
    {
        switch (creation.Target)
        {
            case IFlowAnonymousFunctionOperation lambda:
                RunUnseen(lambda);
                return Value.OfFunction(lambda);
            case IMethodReferenceOperation { Method: { MethodKind: MethodKind.LocalFunction } function }:
                RunUnseen(function);
                return Value.OfFunction(function);
            case IMethodReferenceOperation reference:
                Escape(Visit(reference.Instance));
                return Value.Nothing;
            default:
                return Visit(creation.Target);
        }
    }

    private ControlFlowGraph? GraphOf(object function)
    {
        // The function belongs to the graph that is carried out, or to one of those around it.
        foreach (ControlFlowGraph graph in _calls.Select(static call => call.Graph).Prepend(_graph!).Append(_root!))
        {
            for (ControlFlowGraph? outer = graph; outer is not null; outer = outer.Parent)
            {
                if (function is IMethodSymbol local && outer.LocalFunctions.Contains(local))
                    return outer.GetLocalFunctionControlFlowGraph(local);
                if (function is IFlowAnonymousFunctionOperation lambda && Holds(outer, lambda))
                    return outer.GetAnonymousFunctionControlFlowGraph(lambda);
            }
        }

        return null;
    }

    private static bool Holds(ControlFlowGraph graph, IFlowAnonymousFunctionOperation lambda)
    {
        IOperation root = lambda;
        while (root.Parent is { } outer)
            root = outer;
        return graph.Blocks.Any(block => block.Operations.Contains(root) || block.BranchValue == root);
    }
}
