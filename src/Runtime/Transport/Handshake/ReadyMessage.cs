namespace TypedShm.Transport;

/// <summary>The server's last message: the client is in.</summary>
/// <param name="Start">The position that the client starts from, for channels that have positions.</param>
/// <param name="Regions">The regions that the server made for this client alone, which come along.</param>
internal sealed record ReadyMessage(ulong Start, RegionInfo[] Regions) : IHandshakeMessage
{
    public MessageType Type => MessageType.Ready;

    public static ReadyMessage Decode(ReadOnlySpan<byte> packet)
    {
        PacketReader reader = HandshakeCodec.ReadBody(packet, MessageType.Ready);
        ulong start = reader.UInt64();
        return new ReadyMessage(start, HandshakeCodec.ReadRegions(ref reader));
    }

    public void WriteBody(BinaryWriter writer)
    {
        writer.Write(Start);
        HandshakeCodec.Write(writer, Regions);
    }
}
