using TypedShm.Memory;
using TypedShm.Rings;

namespace TypedShm;

/// <summary>What both ends of a channel of calls must know: travels in the Welcome.</summary>
/// <param name="Shape">What requests and responses have in common.</param>
/// <param name="ErrorCapacity">The most bytes that tell of an exception.</param>
internal readonly record struct CallShape(MessageShape Shape, int ErrorCapacity)
{
    public const int MaxError = 1024;

    public MessageShape Requests => Shape with { Fields = SlotFields.Call };

    public MessageShape Responses =>
        Shape with { Fields = SlotFields.Call | SlotFields.Outcome, PayloadCapacity = Math.Max(Shape.PayloadCapacity, ErrorCapacity) };

    public long[] ToParameters() => [.. Shape.ToParameters(), ErrorCapacity];

    /// <inheritdoc cref="MessageShape.FromParameters"/>
    public static CallShape FromParameters(long[] parameters)
    {
        MessageShape shape = MessageShape.FromParameters(parameters);
        if (parameters is not [_, _, _, _, >= 0 and <= MaxError, ..])
            throw new ProtocolException(
                $"The peer sent the parameters [{string.Join(", ", parameters)}], which describe no channel of calls.");
        CallShape calls = new(shape, (int)parameters[4]);
        return calls.Fault() is { } fault ? throw new ProtocolException($"The peer chose what is impossible. {fault}") : calls;
    }

    /// <summary>What is wrong, or null.</summary>
    public string? Fault()
    {
        if (Shape.Capacity > SharedCallOptions.MaxOpenCalls)
            return $"The capacity is {Shape.Capacity}, but a client can have at most {SharedCallOptions.MaxOpenCalls} calls open.";
        return Shape.IsSparse ? "The payloads are to be sparse, but those of calls never are." : null;
    }
}
