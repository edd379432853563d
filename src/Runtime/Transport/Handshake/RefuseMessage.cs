using System.Text;
using TypedShm.Interop;

namespace TypedShm.Transport;

/// <summary>The server's answer to a client that it turns away, at any time before Ready.</summary>
internal sealed record RefuseMessage(RefusalReason Reason, string Text, LayoutAdvertisement[] Layouts) : IHandshakeMessage
{
    private const int MaxText = 2048;

    public MessageType Type => MessageType.Refuse;

    public static RefuseMessage Decode(ReadOnlySpan<byte> packet)
    {
        PacketReader reader = HandshakeCodec.ReadBody(packet, MessageType.Refuse);
        RefusalReason reason = (RefusalReason)reader.UInt32();
        string text = UntrustedText.Of(reader.Bytes(reader.Count(MaxText)), MaxText);
        return new RefuseMessage(reason, text, HandshakeCodec.ReadLayouts(ref reader));
    }

    public void WriteBody(BinaryWriter writer)
    {
        byte[] text = Encoding.UTF8.GetBytes(Text);
        int length = Math.Min(text.Length, MaxText);
        writer.Write((uint)Reason);
        writer.Write(length);
        writer.Write(text, 0, length);
        HandshakeCodec.Write(writer, Layouts);
    }
}
