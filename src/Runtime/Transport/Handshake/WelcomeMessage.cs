namespace TypedShm.Transport;

/// <summary>The server's answer to a client that it lets in.</summary>
/// <param name="Abilities">The server's ways to wait.</param>
/// <param name="Parameters">What the creator chose for the channel; each kind has its own, see <c>docs/protocol.md</c>.</param>
/// <param name="Layouts">The server's layouts.</param>
/// <param name="Regions">The regions that come along.</param>
internal sealed record WelcomeMessage(WaitAbilities Abilities, long[] Parameters, LayoutAdvertisement[] Layouts, RegionInfo[] Regions)
    : IHandshakeMessage
{
    private const int MaxParameters = 8;

    public MessageType Type => MessageType.Welcome;

    public static WelcomeMessage Decode(ReadOnlySpan<byte> packet)
    {
        PacketReader reader = HandshakeCodec.ReadBody(packet, MessageType.Welcome);
        WaitAbilities abilities = (WaitAbilities)reader.UInt32();
        long[] parameters = new long[reader.Count(MaxParameters)];
        for (int i = 0; i < parameters.Length; i++)
            parameters[i] = (long)reader.UInt64();
        RegionInfo[] regions = HandshakeCodec.ReadRegions(ref reader);
        return new WelcomeMessage(abilities, parameters, HandshakeCodec.ReadLayouts(ref reader), regions);
    }

    public void WriteBody(BinaryWriter writer)
    {
        writer.Write((uint)Abilities);
        writer.Write(Parameters.Length);
        foreach (long parameter in Parameters)
            writer.Write(parameter);
        HandshakeCodec.Write(writer, Regions);
        HandshakeCodec.Write(writer, Layouts);
    }
}
