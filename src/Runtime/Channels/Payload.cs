using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TypedShm.Channels;

/// <summary>Payload bytes as elements of another type.</summary>
internal static class Payload
{
    public static Span<TElement> As<TElement>(Span<byte> bytes)
        where TElement : unmanaged
    {
        Check<TElement>(bytes);
        return MemoryMarshal.Cast<byte, TElement>(bytes);
    }

    public static ReadOnlySpan<TElement> As<TElement>(ReadOnlySpan<byte> bytes)
        where TElement : unmanaged
    {
        Check<TElement>(bytes);
        return MemoryMarshal.Cast<byte, TElement>(bytes);
    }

    [DoesNotReturn]
    public static void ThrowLongerThanClaimed(int length, int claimed) =>
        throw new ArgumentException($"The payload has {length} bytes, but {claimed} were claimed. Claim as many as the message may "
            + "need, then commit with what it has.");

    [DoesNotReturn]
    public static void ThrowTooLong(int length, int capacity) => throw TooLong(length, capacity);

    public static ArgumentException TooLong(int length, int capacity) =>
        new($"The payload has {length} bytes, but a message of this channel has room for {capacity} (MessageOptions.PayloadCapacity of "
            + "its creator).");

    [DoesNotReturn]
    public static void ThrowAnswerTooLong(int length, int room, int capacity) => throw AnswerTooLong(length, room, capacity);

    public static ArgumentException AnswerTooLong(int length, int room, int capacity) =>
        new($"The payload of the answer has {length} bytes, but there is room for {room}. The answer is lost; call with more room, up "
            + $"to {capacity}.");

    // Atomic access, and vector instructions that want alignment, would fail on the other architecture first.
    private static unsafe void Check<TElement>(ReadOnlySpan<byte> bytes)
        where TElement : unmanaged
    {
        int alignment = AlignmentOf<TElement>();
        if (!bytes.IsEmpty && (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(bytes)) % (nuint)alignment != 0)
            throw new InvalidOperationException($"{typeof(TElement)} wants an alignment of {alignment} bytes, which the payloads of "
                + "this channel do not have. Create it with a MessageOptions.PayloadAlignment of at least that.");
    }

    private static unsafe int AlignmentOf<TElement>()
        where TElement : unmanaged => sizeof(Aligned<TElement>) - sizeof(TElement);

    [StructLayout(LayoutKind.Sequential)]
    private struct Aligned<TElement>
        where TElement : unmanaged
    {
        public byte First;
        public TElement Second;
    }
}
