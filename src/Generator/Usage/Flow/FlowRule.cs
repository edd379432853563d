using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;

namespace TypedShm.Generator;

/// <summary>A rule on what becomes of ends, claims and leases, which is told of what a method does to them.</summary>
/// <param name="report">Takes its reports.</param>
internal abstract class FlowRule(Action<Diagnostic> report)
{
    /// <summary>The memory of an object is reached through the object itself.</summary>
    public virtual void Entered(Origin origin, IOperation place, FlowState state)
    {
    }

    /// <summary>A variable is mentioned that refers into the memory of objects.</summary>
    public virtual void Mentioned(Value value, IOperation place, FlowState state)
    {
    }

    /// <summary>A method of an object is called, other than Dispose.</summary>
    public virtual void Called(Origin origin, IMethodSymbol method, IOperation place, FlowState state)
    {
    }

    /// <summary>A claim or lease is made; what is known of it is of the round before.</summary>
    public virtual void Making(Origin origin, FlowState state)
    {
    }

    /// <summary>A place in memory is read, by value.</summary>
    public virtual void Loaded(Value value, IOperation place)
    {
    }

    /// <summary>A place in memory is written by the language's own means, perhaps after it was read.</summary>
    public virtual void Stored(Value value, IOperation place)
    {
    }

    /// <summary>A local, or a parameter of a local function, is written that holds a copy.</summary>
    public virtual void CopyWritten(ISymbol local, Origin origin, IOperation place, ControlFlowGraph graph)
    {
    }

    /// <summary>The last variable that holds an object ends.</summary>
    public virtual void Left(Origin origin, FlowState state)
    {
    }

    /// <summary>The method returns.</summary>
    public virtual void Exited(FlowState state)
    {
    }

    /// <summary>All is told.</summary>
    public virtual void Completed(IFollowedMethod method)
    {
    }

    protected void Report(DiagnosticDescriptor rule, Location location, params object[] arguments) =>
        report(Diagnostic.Create(rule, location, arguments));
}
