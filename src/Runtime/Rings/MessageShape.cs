using TypedShm.Interop;
using TypedShm.Memory;

namespace TypedShm.Rings;

/// <summary>The part of <see cref="MessageOptions"/> that both ends must know: travels in the Welcome.</summary>
internal readonly record struct MessageShape(
    int Capacity, int PayloadCapacity, int PayloadAlignment, bool PublishTimes, bool IsSparse = false)
{
    /// <summary>The most bytes of a message's struct: larger ones by value would be the death of stacks.</summary>
    public const int MaxMessage = 16 * 1024;

    /// <summary>The most messages, power of two, that a channel can hold.</summary>
    public const int MaxCapacity = 1 << 30;

    // Bits of the last parameter.
    private const int Times = 1;
    private const int Sparse = 2;

    private const int MaxPayloadAlignment = 4096;

    /// <summary>That of a placeholder, see <see cref="OpenOptions.Lazy"/>.</summary>
    public static MessageShape Smallest => new(1, 0, 1, PublishTimes: false);

    /// <summary>What stands in a slot besides sequence, time and length.</summary>
    public SlotFields Fields { get; init; }

    /// <summary>The kind of a lane of such messages.</summary>
    public RegionKind Kind => (Fields & SlotFields.Call) != 0 ? RegionKind.CallLane : RegionKind.QueueLane;

    /// <summary>As parameters of a Welcome.</summary>
    public long[] ToParameters() => [Capacity, PayloadCapacity, PayloadAlignment, (PublishTimes ? Times : 0) | (IsSparse ? Sparse : 0)];

    /// <summary>From parameters of a Welcome, which are not trusted.</summary>
    /// <exception cref="ProtocolException">They are impossible.</exception>
    public static MessageShape FromParameters(long[] parameters)
    {
        if (parameters is not [>= 0 and <= int.MaxValue, >= 0 and <= int.MaxValue, >= 0 and <= int.MaxValue,
            >= 0 and <= (Times | Sparse), ..])
            throw new ProtocolException(
                $"The peer sent the parameters [{string.Join(", ", parameters)}], which describe no channel of messages.");
        MessageShape shape =
            new((int)parameters[0], (int)parameters[1], (int)parameters[2], (parameters[3] & Times) != 0, (parameters[3] & Sparse) != 0);
        return shape.Fault() is { } fault ? throw new ProtocolException($"The peer chose what is impossible. {fault}") : shape;
    }

    /// <summary>What is wrong, or null.</summary>
    public string? Fault()
    {
        if (Capacity is < 1 or > MaxCapacity || !int.IsPow2(Capacity))
            return $"The capacity is {Capacity}, but it must be a power of two of at most {MaxCapacity}.";
        if (PayloadCapacity is < 0 or > 1 << 30)
            return $"The payload capacity is {PayloadCapacity}, but it must be between 0 and {1 << 30} bytes.";
        if (PayloadAlignment is < 1 or > MaxPayloadAlignment || !int.IsPow2(PayloadAlignment))
            return $"The payload alignment is {PayloadAlignment}, but it must be a power of two of at most {MaxPayloadAlignment}.";
        if (IsSparse && PayloadCapacity == 0)
            return "The payloads are to be sparse, but there are none: the payload capacity is 0.";
        return null;
    }

    /// <summary>Whether who has opened the channel agrees with its creator's choice.</summary>
    /// <exception cref="PeerRefusedException">It does not.</exception>
    public void CheckAllowed(OpenOptions options)
    {
        if (IsSparse && !options.AllowSparsePayloads)
            throw new PeerRefusedException(RefusalReason.NotAllowed, "The creator of the channel allocates payloads only as messages "
                + "need them (MessageOptions.SparsePayloads), which this side did not ask for. Set OpenOptions.AllowSparsePayloads, if "
                + "the creator may make this process pay for the whole region.");
    }

    /// <summary>Whether the lane that this side has to make by its creator's choice is one that it may be made to allocate.</summary>
    /// <exception cref="PeerRefusedException">It is not.</exception>
    public void CheckMemory<T>(OpenOptions options)
        where T : unmanaged, ISharedLayout<T>
    {
        // Of sparse payloads only the pages that this side writes are allocated.
        if (!IsSparse)
            options.CheckMemory($"The creator of the channel asks this side for a lane ({Capacity:N0} slots)",
                Slots<T>().Stride * Capacity);
    }

    /// <summary>The slots of a channel of <typeparamref name="T"/>.</summary>
    /// <exception cref="ArgumentException">The struct is too large.</exception>
    public (SlotLayout Layout, long Stride) Slots<T>()
        where T : unmanaged, ISharedLayout<T>
    {
        if (T.Size > MaxMessage)
            throw new ArgumentException($"{typeof(T)} has {T.Size} bytes, but a message may have {MaxMessage}. Put the bulk of it into "
                + "the payload (MessageOptions.PayloadCapacity), or share it as a SharedStruct.");
        return Slots(T.Size, T.Alignment);
    }

    /// <summary>Maps the region with the slots of a writer whose messages have this layout, of which nothing is known.</summary>
    /// <exception cref="ProtocolException">No message is so large.</exception>
    public SharedRegion Attach(SafeDescriptor file, string name, RegionKind kind, long size, LayoutDescriptor layout, int controlLength)
    {
        if (layout.Size > MaxMessage)
        {
            DescriptorReaper.Close(file);
            throw new ProtocolException($"The peer sends messages of '{layout.Name}', which has {layout.Size} bytes, but a message may "
                + $"have {MaxMessage}.");
        }

        return SharedRegion.Attach(
            file, name, kind, size, layout, controlLength, Capacity, Slots(layout.Size, layout.Alignment), IsSparse);
    }

    private (SlotLayout Layout, long Stride) Slots(int size, int alignment) =>
        SlotLayout.Of(Fields | SlotFields.Sequence | (PublishTimes ? SlotFields.Time : 0), size, alignment, PayloadCapacity,
            PayloadAlignment, IsSparse);
}
