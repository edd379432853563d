using TypedShm.Tool.Recording;

namespace TypedShm.Tool.Writing;

/// <summary>A channel that this process creates from a recording, and writes.</summary>
/// <param name="end">Its end.</param>
internal abstract class ReplayedChannel(SharedEnd end) : IDisposable
{
    public SharedEnd End => end;

    /// <summary>Publishes a value; where readers must not lose anything, when they have room.</summary>
    public abstract void Write(SharedSnapshot value, CancellationToken cancellationToken);

    /// <summary>Says that this was all, where readers can be told.</summary>
    public virtual void Complete()
    {
    }

    public void Dispose() => end.Dispose();

    /// <summary>Creates it, as that which was recorded.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="recorded">What was recorded.</param>
    /// <exception cref="FormatException">There can be no such channel.</exception>
    public static ReplayedChannel Create(string name, RecordedChannel recorded)
    {
        Type type = recorded.Kind switch
        {
            ChannelKind.Struct => typeof(ReplayedStruct<>),
            ChannelKind.State => typeof(ReplayedState<>),
            ChannelKind.Table => typeof(ReplayedTable<>),
            ChannelKind.Broadcast => typeof(ReplayedBroadcast<>),
            var kind => throw new FormatException($"A channel of kind {kind} is never recorded, so it cannot be replayed."),
        };
        return (ReplayedChannel)LayoutType.Create(type, [recorded.Layout], name, recorded);
    }
}

internal sealed class ReplayedStruct<T>(SharedStructWriter<T> writer) : ReplayedChannel(writer)
    where T : unmanaged, ISharedLayout<T>
{
    public ReplayedStruct(string name, RecordedChannel recorded)
        : this(SharedStruct.Create<T>(name, new SharedStructOptions { AllowPeersToWrite = recorded.PeersMayWrite }))
    {
    }

    public override void Write(SharedSnapshot value, CancellationToken cancellationToken)
    {
        value.Bytes.Span.CopyTo(ValueBytes.Of(ref writer.Value));
        writer.Signal();
    }
}

internal sealed class ReplayedState<T>(SharedStateWriter<T> writer) : ReplayedChannel(writer)
    where T : unmanaged, ISharedLayout<T>
{
    public ReplayedState(string name, RecordedChannel recorded)
        : this(SharedState.Create<T>(name, new SharedStateOptions { PublishTimes = recorded.HasPublishTimes }))
    {
    }

    public override void Write(SharedSnapshot value, CancellationToken cancellationToken)
    {
        using StateClaim<T> claim = writer.Replace();
        value.Bytes.Span.CopyTo(ValueBytes.Of(ref claim.Value));
        claim.Commit();
    }
}

internal sealed class ReplayedTable<T>(SharedTableWriter<T> writer) : ReplayedChannel(writer)
    where T : unmanaged, ISharedLayout<T>
{
    public ReplayedTable(string name, RecordedChannel recorded)
        : this(SharedTable.Create<T>(name, recorded.Count, new SharedTableOptions { Live = recorded.IsLive }))
    {
    }

    public override void Write(SharedSnapshot value, CancellationToken cancellationToken)
    {
        using TableClaim<T> claim = writer.Replace(value.Element);
        value.Bytes.Span.CopyTo(ValueBytes.Of(ref claim.Value));
        claim.Commit();
    }
}

internal sealed class ReplayedBroadcast<T>(SharedBroadcastWriter<T> writer) : ReplayedChannel(writer)
    where T : unmanaged, ISharedLayout<T>
{
    public ReplayedBroadcast(string name, RecordedChannel recorded)
        : this(SharedBroadcast.Create<T>(name, new SharedBroadcastOptions
        {
            Capacity = recorded.Count,
            PayloadCapacity = recorded.PayloadCapacity,
            PublishTimes = recorded.HasPublishTimes,
            Lossless = recorded.IsLossless,
        }))
    {
    }

    public override void Write(SharedSnapshot value, CancellationToken cancellationToken)
    {
        using BroadcastClaim<T> claim = writer.Claim(value.Payload.Length, cancellationToken);
        value.Bytes.Span.CopyTo(ValueBytes.Of(ref claim.Value));
        value.Payload.Span.CopyTo(claim.Payload);
        claim.Commit(value.Payload.Length);
    }

    public override void Complete() => writer.TryComplete();
}
