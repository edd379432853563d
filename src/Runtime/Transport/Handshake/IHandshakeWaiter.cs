using System.Net.Sockets;
using TypedShm.Interop;

namespace TypedShm.Transport;

/// <summary>
/// How a handshake waits, so that it is written once: on the calling thread, or without one. With <see cref="BlockingWaiter"/> every
/// returned task is already complete.
/// </summary>
internal interface IHandshakeWaiter
{
    /// <summary>Waits until the socket has something to read or was hung up.</summary>
    /// <exception cref="TimeoutException">The deadline passed.</exception>
    ValueTask WaitToRead(Socket socket, Deadline deadline, CancellationToken cancellationToken);

    /// <summary>Waits for a task of this process.</summary>
    ValueTask<T> WaitFor<T>(Task<T> task, CancellationToken cancellationToken);

    /// <summary>Pauses.</summary>
    ValueTask Pause(TimeSpan time, CancellationToken cancellationToken);
}

internal readonly struct BlockingWaiter : IHandshakeWaiter
{
    // Cancellation is looked for between two slices.
    private const int Slice = 20;

    public ValueTask WaitToRead(Socket socket, Deadline deadline, CancellationToken cancellationToken)
    {
        while (Native.Poll(socket.SafeHandle, Native.PollIn, deadline.Slice(Slice)) == 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (deadline.IsOver)
                throw new TimeoutException();
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<T> WaitFor<T>(Task<T> task, CancellationToken cancellationToken)
    {
        task.Wait(cancellationToken);
        return new ValueTask<T>(task.Result);
    }

    public ValueTask Pause(TimeSpan time, CancellationToken cancellationToken)
    {
        cancellationToken.WaitHandle.WaitOne(time);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.CompletedTask;
    }
}

internal readonly struct AsyncWaiter : IHandshakeWaiter
{
    public async ValueTask WaitToRead(Socket socket, Deadline deadline, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(deadline.Remaining);
        try
        {
            // A receive of no bytes completes when there is something to read, and takes none of it.
            await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, limited.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException();
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionReset)
        {
            // The peer hung up with something of ours unread. That is told once, and was told here; a receive now finds the end.
        }
    }

    public ValueTask<T> WaitFor<T>(Task<T> task, CancellationToken cancellationToken) => new(task.WaitAsync(cancellationToken));

    public ValueTask Pause(TimeSpan time, CancellationToken cancellationToken) => new(Task.Delay(time, cancellationToken));
}
