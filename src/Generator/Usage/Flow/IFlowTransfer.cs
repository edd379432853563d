using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;

namespace TypedShm.Generator;

/// <summary>What the operations of a block do to the state, as the solver asks for it.</summary>
internal interface IFlowTransfer
{
    /// <summary>What is known at the operation that is carried out.</summary>
    FlowState State { get; set; }

    /// <summary>Whether the rules are told; not while states are still growing.</summary>
    bool IsReporting { get; set; }

    /// <summary>Whether the method is too complex to be followed to its end; then nothing is said of it.</summary>
    bool GivesUp { get; set; }

    /// <summary>Carries out an operation.</summary>
    void Execute(IOperation operation);

    /// <summary>Carries out the condition of a branch.</summary>
    Value Test(IOperation condition);

    /// <summary>What is known where a condition has come out one way.</summary>
    FlowState Assume(FlowState state, IOperation condition, Value answer, bool isTrue);

    /// <summary>What the function returns goes to its caller, if that is seen; else it has escaped.</summary>
    Value Return(IOperation value);

    /// <summary>A branch ends the variables of the regions that it leaves.</summary>
    /// <param name="branch">The branch.</param>
    /// <param name="state">What is true after it.</param>
    /// <param name="result">What the function returns.</param>
    void Leave(ControlFlowBranch branch, FlowState state, Value result);

    /// <summary>The function returns in this state.</summary>
    void Exit(FlowState state);
}
