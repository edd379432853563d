using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace TypedShm.Generator;

/// <summary>A method that has been carried out, as rules look back at it.</summary>
internal interface IFollowedMethod
{
    /// <summary>What the method makes.</summary>
    IEnumerable<Origin> Made { get; }

    /// <summary>The graphs of the method and of the functions in it.</summary>
    IEnumerable<ControlFlowGraph> Graphs { get; }

    /// <summary>Whether a variable is read that holds a copy of what shared memory held.</summary>
    bool MakesCopies { get; }

    /// <summary>Whether the variable holds a plain copy of what shared memory held, where it is mentioned.</summary>
    bool HoldsCopy(IOperation variable);

    /// <summary>The body that is carried out in the place of a call; null if it is not seen.</summary>
    ControlFlowGraph? BodyOf(IInvocationOperation call);
}
