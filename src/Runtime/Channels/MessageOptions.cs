using TypedShm.Memory;

namespace TypedShm;

/// <summary>What all channels of messages have in common when they are created. Chosen by the creator; the other end adopts it.</summary>
public abstract record MessageOptions : ChannelOptions
{
    /// <summary>The most messages, power of two, that a channel can hold.</summary>
    internal const int MaxCapacity = 1 << 30;

    private protected MessageOptions()
    {
    }

    /// <summary>How many messages there is room for, a power of two; 1,024 unless set.</summary>
    public int Capacity { get; init; } = 1024;

    /// <summary>
    /// The most bytes of payload that a message can carry beside the struct; 0 unless set. Every slot has room for it:
    /// the region's size is the capacity times that.
    /// </summary>
    public int PayloadCapacity { get; init; }

    /// <summary>
    /// The alignment of payloads in bytes, a power of two; 16 unless set. With the size of a page (4,096) each payload
    /// begins on a page of its own.
    /// </summary>
    public int PayloadAlignment { get; init; } = 16;

    /// <summary>Whether each message carries the time at which it was published. Reading the clock costs some 25 ns a message.</summary>
    public bool PublishTimes { get; init; }

    internal MessageShape Shape => new(Capacity, PayloadCapacity, PayloadAlignment, PublishTimes);

    internal override void Validate()
    {
        base.Validate();
        if (Shape.Fault() is { } fault)
            throw new ArgumentException(fault);
    }
}

/// <summary>The part of <see cref="MessageOptions"/> that both ends must know: travels in the Welcome.</summary>
internal readonly record struct MessageShape(int Capacity, int PayloadCapacity, int PayloadAlignment, bool PublishTimes)
{
    /// <summary>The most bytes of a message's struct: larger ones by value would be the death of stacks.</summary>
    public const int MaxMessage = 16 * 1024;

    private const int MaxPayloadAlignment = 4096;

    /// <summary>What stands in a slot besides sequence, time and length.</summary>
    public SlotMarks Marks { get; init; }

    /// <summary>The kind of a lane of such messages.</summary>
    public RegionKind Kind => (Marks & SlotMarks.Call) != 0 ? RegionKind.CallLane : RegionKind.QueueLane;

    /// <summary>As parameters of a Welcome.</summary>
    public long[] ToParameters() => [Capacity, PayloadCapacity, PayloadAlignment, PublishTimes ? 1 : 0];

    /// <summary>From parameters of a Welcome, which are not trusted.</summary>
    /// <exception cref="ProtocolException">They are impossible.</exception>
    public static MessageShape FromParameters(long[] parameters)
    {
        if (parameters is not [>= 0 and <= int.MaxValue, >= 0 and <= int.MaxValue, >= 0 and <= int.MaxValue, 0 or 1, ..])
            throw new ProtocolException($"The peer sent the parameters [{string.Join(", ", parameters)}], which describe no channel of messages.");
        MessageShape shape = new((int)parameters[0], (int)parameters[1], (int)parameters[2], parameters[3] == 1);
        return shape.Fault() is { } fault ? throw new ProtocolException($"The peer chose what is impossible. {fault}") : shape;
    }

    /// <summary>What is wrong, or null.</summary>
    public string? Fault()
    {
        if (Capacity is < 1 or > MessageOptions.MaxCapacity || !int.IsPow2(Capacity))
            return $"The capacity is {Capacity}, but it must be a power of two of at most {MessageOptions.MaxCapacity}.";
        if (PayloadCapacity is < 0 or > 1 << 30)
            return $"The payload capacity is {PayloadCapacity}, but it must be between 0 and {1 << 30} bytes.";
        if (PayloadAlignment is < 1 or > MaxPayloadAlignment || !int.IsPow2(PayloadAlignment))
            return $"The payload alignment is {PayloadAlignment}, but it must be a power of two of at most {MaxPayloadAlignment}.";
        return null;
    }

    /// <summary>The slots of a channel of <typeparamref name="T"/>.</summary>
    /// <exception cref="ArgumentException">The struct is too large.</exception>
    public (SlotLayout Layout, long Stride) Slots<T>()
        where T : unmanaged, ISharedLayout<T>
    {
        if (T.Size > MaxMessage)
            throw new ArgumentException($"{typeof(T)} has {T.Size} bytes, but a message may have {MaxMessage}. Put the bulk of it into the payload (MessageOptions.PayloadCapacity), or share it as a SharedStruct.");
        return SlotLayout.Of(Marks | SlotMarks.Sequence | (PublishTimes ? SlotMarks.Time : 0), T.Size, T.Alignment, PayloadCapacity, PayloadAlignment);
    }
}
