using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace TypedShm.Channels;

/// <summary>The reading end of a queue as .NET's own channels have it.</summary>
internal sealed class QueueChannelReader<T>(SharedQueueReader<T> reader, LaneMerger<T> inbox) : ChannelReader<T>
    where T : unmanaged, ISharedLayout<T>
{
    public override bool CanCount => true;

    public override int Count => inbox.Count;

    public override Task Completion => reader.Completion;

    public override bool TryRead([MaybeNullWhen(false)] out T item) => reader.TryRead(out item);

    public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) => reader.WaitToReadAsync(cancellationToken);

    public override ValueTask<T> ReadAsync(CancellationToken cancellationToken = default) => reader.ReadAsync(cancellationToken);
}
