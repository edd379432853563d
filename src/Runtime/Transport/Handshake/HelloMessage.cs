using System.Text;

namespace TypedShm.Transport;

/// <summary>The client's first message: what it wants, and the layouts that it was compiled with.</summary>
internal sealed record HelloMessage(ChannelKind Kind, PeerRole Role, WaitAbilities Abilities, LayoutAdvertisement[] Layouts)
    : IHandshakeMessage
{
    public MessageType Type => MessageType.Hello;

    /// <summary>The name of a producer; null for who has none.</summary>
    public string? Producer { get; init; }

    /// <summary>Whether it is of an observer that wants whatever the channel is, and learns it from the Welcome.</summary>
    public bool TakesAny => Role == PeerRole.Observer && Kind == ChannelKind.None && Layouts.Length == 0;

    public static HelloMessage Decode(ReadOnlySpan<byte> packet)
    {
        PacketReader reader = HandshakeCodec.ReadBody(packet, MessageType.Hello);
        ChannelKind kind = (ChannelKind)reader.UInt16();
        PeerRole role = (PeerRole)reader.UInt16();
        WaitAbilities abilities = (WaitAbilities)reader.UInt32();
        LayoutAdvertisement[] layouts = HandshakeCodec.ReadLayouts(ref reader);
        return new HelloMessage(kind, role, abilities, layouts) { Producer = reader.IsAtEnd ? null : ReadProducer(ref reader) };
    }

    public void WriteBody(BinaryWriter writer)
    {
        writer.Write((ushort)Kind);
        writer.Write((ushort)Role);
        writer.Write((uint)Abilities);
        HandshakeCodec.Write(writer, Layouts);
        if (Producer is not { } name)
            return;
        writer.Write(name.Length);
        writer.Write(Encoding.ASCII.GetBytes(name));
    }

    private static string ReadProducer(ref PacketReader reader)
    {
        string name = Encoding.Latin1.GetString(reader.Bytes(reader.Count(Transport.Producer.MaxName)));
        return Transport.Producer.IsName(name) ? name
            : throw new ProtocolException("The peer stated the name of a producer that has other characters than letters, digits, '.', '_' "
                + "and '-', or none.");
    }
}
