namespace TypedShm.Transport;

/// <summary>The client's first message: what it wants, and the layouts that it was compiled with.</summary>
internal sealed record HelloMessage(ChannelKind Kind, PeerRole Role, WaitAbilities Abilities, LayoutAdvertisement[] Layouts)
    : IHandshakeMessage
{
    public MessageType Type => MessageType.Hello;

    /// <summary>Whether it is of an observer that wants whatever the channel is, and learns it from the Welcome.</summary>
    public bool TakesAny => Role == PeerRole.Observer && Kind == ChannelKind.None && Layouts.Length == 0;

    public static HelloMessage Decode(ReadOnlySpan<byte> packet)
    {
        PacketReader reader = HandshakeCodec.ReadBody(packet, MessageType.Hello);
        ChannelKind kind = (ChannelKind)reader.UInt16();
        PeerRole role = (PeerRole)reader.UInt16();
        WaitAbilities abilities = (WaitAbilities)reader.UInt32();
        return new HelloMessage(kind, role, abilities, HandshakeCodec.ReadLayouts(ref reader));
    }

    public void WriteBody(BinaryWriter writer)
    {
        writer.Write((ushort)Kind);
        writer.Write((ushort)Role);
        writer.Write((uint)Abilities);
        HandshakeCodec.Write(writer, Layouts);
    }
}
