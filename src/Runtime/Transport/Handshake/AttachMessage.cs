namespace TypedShm.Transport;

/// <summary>The client's second message: the regions that it made, its control region last.</summary>
internal sealed record AttachMessage(RegionInfo[] Regions) : IHandshakeMessage
{
    public MessageType Type => MessageType.Attach;

    public static AttachMessage Decode(ReadOnlySpan<byte> packet)
    {
        PacketReader reader = HandshakeCodec.ReadBody(packet, MessageType.Attach);
        return new AttachMessage(HandshakeCodec.ReadRegions(ref reader));
    }

    public void WriteBody(BinaryWriter writer)
    {
        HandshakeCodec.Write(writer, Regions);
    }
}
