using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace TypedShm.Channels;

/// <summary>A reading end as .NET's own channels have it.</summary>
internal sealed class ChannelReaderAdapter<T>(SharedMessageReader<T> reader) : ChannelReader<T>
    where T : unmanaged, ISharedLayout<T>
{
    public override bool CanCount => true;

    public override bool CanPeek => true;

    public override int Count => reader.Count;

    public override Task Completion => reader.Completion;

    public override bool TryRead([MaybeNullWhen(false)] out T item) => reader.TryRead(out item);

    public override bool TryPeek([MaybeNullWhen(false)] out T item) => reader.TryPeek(out item);

    public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) =>
        reader.WaitToReadAsync(cancellationToken);

    public override ValueTask<T> ReadAsync(CancellationToken cancellationToken = default) => reader.ReadAsync(cancellationToken);
}
