using System.Threading.Channels;

namespace TypedShm.Channels;

/// <summary>
/// A writing end as .NET's own channels have it. There a channel only ever ends by being completed, so the end of the reader
/// counts as a completion with that error.
/// </summary>
internal sealed class ChannelWriterAdapter<T>(SharedMessageWriter<T> writer) : ChannelWriter<T>
    where T : unmanaged, ISharedLayout<T>
{
    public override bool TryComplete(Exception? error = null) => writer.TryComplete(error);

    public override bool TryWrite(T item)
    {
        try
        {
            return writer.TryWrite(in item);
        }
        catch (SharedMemoryException)
        {
            return false;
        }
    }

    public override ValueTask<bool> WaitToWriteAsync(CancellationToken cancellationToken = default) =>
        writer.WaitToWriteAsync(cancellationToken);

    public override async ValueTask WriteAsync(T item, CancellationToken cancellationToken = default)
    {
        try
        {
            await writer.WriteAsync(item, cancellationToken).ConfigureAwait(false);
        }
        catch (SharedMemoryException error)
        {
            throw new ChannelClosedException(error.Message, error);
        }
    }
}
