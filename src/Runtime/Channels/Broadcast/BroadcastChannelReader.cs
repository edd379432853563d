using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace TypedShm.Channels;

/// <summary>A reading end of a broadcast as .NET's own channels have it.</summary>
internal sealed class BroadcastChannelReader<T>(SharedBroadcastReader<T> reader) : ChannelReader<T>
    where T : unmanaged, ISharedLayout<T>
{
    public override Task Completion => reader.Completion;

    public override bool TryRead([MaybeNullWhen(false)] out T item) => reader.TryRead(out item);

    public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) => reader.WaitToReadAsync(cancellationToken);

    public override ValueTask<T> ReadAsync(CancellationToken cancellationToken = default) => reader.ReadAsync(cancellationToken);
}
