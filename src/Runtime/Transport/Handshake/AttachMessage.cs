namespace TypedShm.Transport;

/// <summary>The client's second message: the regions that it made, its control region last.</summary>
internal sealed record AttachMessage(RegionInfo[] Regions) : IHandshakeMessage
{
    public MessageType Type => MessageType.Attach;

    /// <summary>Where the lane stands, of a producer that has kept it; null for a new one, and for whoever brings none.</summary>
    public LanePosition? Kept { get; init; }

    public static AttachMessage Decode(ReadOnlySpan<byte> packet)
    {
        PacketReader reader = HandshakeCodec.ReadBody(packet, MessageType.Attach);
        RegionInfo[] regions = HandshakeCodec.ReadRegions(ref reader);
        return new AttachMessage(regions)
        {
            Kept = reader.IsAtEnd ? null : new LanePosition(reader.UInt64(), reader.UInt64()),
        };
    }

    public void WriteBody(BinaryWriter writer)
    {
        HandshakeCodec.Write(writer, Regions);
        if (Kept is not { } kept)
            return;
        writer.Write(kept.Head);
        writer.Write(kept.Delivered);
    }
}
