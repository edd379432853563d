using System.Runtime.CompilerServices;
using TypedShm.Tool.Verbs;

namespace TypedShm.Tool.Writing;

/// <summary>A struct of another process that others may write, opened for that.</summary>
internal abstract class OpenedStruct : IDisposable
{
    /// <summary>Stores values, and tells everybody who waits.</summary>
    public abstract void Set(IEnumerable<Assignment> assignments);

    public abstract void Dispose();

    public static OpenedStruct Open(string name, LayoutDescriptor layout) =>
        (OpenedStruct)LayoutType.Create(typeof(OpenedStruct<>), [layout], name);
}

internal sealed class OpenedStruct<T>(string name) : OpenedStruct
    where T : unmanaged, ISharedLayout<T>
{
    private readonly SharedStructWriter<T> _writer = SharedStruct.OpenReadWrite<T>(name, Arguments.Options());

    public override void Set(IEnumerable<Assignment> assignments)
    {
        foreach (Assignment assignment in assignments)
            Store(ValueBytes.Of(ref _writer.Value).Slice(assignment.Place.Offset, assignment.Bytes.Length), assignment.Bytes);
        _writer.Signal();
    }

    public override void Dispose() => _writer.Dispose();

    // What others load as one, one store writes: a value of 2, 4 or 8 bytes that is aligned. No order among several is promised.
    private static void Store(Span<byte> field, byte[] value)
    {
        ref byte target = ref field[0];
        ref byte source = ref value[0];
        if (value.Length == sizeof(ulong) && IsAligned(ref target, sizeof(ulong)))
            Volatile.Write(ref Unsafe.As<byte, ulong>(ref target), Unsafe.ReadUnaligned<ulong>(ref source));
        else if (value.Length == sizeof(uint) && IsAligned(ref target, sizeof(uint)))
            Volatile.Write(ref Unsafe.As<byte, uint>(ref target), Unsafe.ReadUnaligned<uint>(ref source));
        else if (value.Length == sizeof(ushort) && IsAligned(ref target, sizeof(ushort)))
            Volatile.Write(ref Unsafe.As<byte, ushort>(ref target), Unsafe.ReadUnaligned<ushort>(ref source));
        else
            value.CopyTo(field);
    }

    private static unsafe bool IsAligned(ref byte target, int size) => (nint)Unsafe.AsPointer(ref target) % size == 0;
}

/// <summary>A queue of another process, opened for writing.</summary>
internal abstract class OpenedQueue : IDisposable
{
    /// <summary>Writes a message.</summary>
    /// <returns>False if there was no room in time.</returns>
    public abstract bool TryWrite(byte[] message, byte[] payload, TimeSpan timeout, CancellationToken cancellationToken);

    public abstract void Dispose();

    public static OpenedQueue Open(string name, LayoutDescriptor layout) =>
        (OpenedQueue)LayoutType.Create(typeof(OpenedQueue<>), [layout], name);
}

internal sealed class OpenedQueue<T>(string name) : OpenedQueue
    where T : unmanaged, ISharedLayout<T>
{
    private readonly SharedQueueWriter<T> _writer = SharedQueue.OpenWriter<T>(name, Arguments.Options());

    public override bool TryWrite(byte[] message, byte[] payload, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (!_writer.TryClaim(payload.Length, out Claim<T> claim, timeout, cancellationToken))
            return false;
        using (claim)
        {
            message.CopyTo(ValueBytes.Of(ref claim.Value));
            payload.CopyTo(claim.Payload);
            claim.Commit(payload.Length);
        }

        return true;
    }

    // Not completed: the queue has other writers.
    public override void Dispose() => _writer.Dispose();
}

/// <summary>A channel of calls of another process.</summary>
internal abstract class OpenedCalls : IDisposable
{
    /// <summary>Asks, and waits for the answer.</summary>
    /// <returns>The answer and its payload; null if none came in time.</returns>
    public abstract (byte[] Response, byte[] Payload)? TryCall(
        byte[] request, byte[] payload, TimeSpan timeout, CancellationToken cancellationToken);

    public abstract void Dispose();

    public static OpenedCalls Open(string name, LayoutDescriptor request, LayoutDescriptor response) =>
        (OpenedCalls)LayoutType.Create(typeof(OpenedCalls<,>), [request, response], name);
}

internal sealed class OpenedCalls<TRequest, TResponse>(string name) : OpenedCalls
    where TRequest : unmanaged, ISharedLayout<TRequest>
    where TResponse : unmanaged, ISharedLayout<TResponse>
{
    private readonly SharedCallClient<TRequest, TResponse> _client = SharedCall.Open<TRequest, TResponse>(name, Arguments.Options());

    public override (byte[] Response, byte[] Payload)? TryCall(
        byte[] request, byte[] payload, TimeSpan timeout, CancellationToken cancellationToken)
    {
        // One time-out for the place and the answer.
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(timeout);
        try
        {
            using CallClaim<TRequest, TResponse> claim = _client.Claim(late.Token);
            request.CopyTo(ValueBytes.Of(ref claim.Value));
            payload.CopyTo(claim.Payload);
            using CallReply<TRequest, TResponse> reply = claim.Call(payload.Length, late.Token);
            return (ValueBytes.OfReadOnly(in reply.Value).ToArray(), reply.Payload.ToArray());
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    public override void Dispose() => _client.Dispose();
}
