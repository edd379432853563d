using System.Buffers.Binary;
using TypedShm.Memory;

namespace TypedShm.Transport;

internal enum MessageType : ushort
{
    Hello = 1,
    Welcome = 2,
    Refuse = 3,
    Attach = 4,
    Ready = 5,
}

/// <summary>One message of the handshake. Its record also reads it.</summary>
internal interface IHandshakeMessage
{
    MessageType Type { get; }

    void WriteBody(BinaryWriter writer);
}

/// <summary>What the messages of the handshake have in common as bytes; <c>docs/protocol.md</c> describes each.</summary>
internal static class HandshakeCodec
{
    public const ushort Version = 1;

    /// <summary>Two layouts of the greatest length and what stands around them.</summary>
    public const int MaxPacket = (2 * LayoutDescriptor.MaxJsonLength) + 4096;

    private const uint Magic = 0x6D685354; // "TShm"
    private const int HeaderLength = 16;
    private const int MaxLayouts = 2;
    private const int MaxRegions = 8;

    /// <summary>The type and version of a packet.</summary>
    /// <exception cref="ProtocolException">It is no message of this protocol.</exception>
    public static (MessageType Type, ushort Version) ReadHeader(ReadOnlySpan<byte> packet)
    {
        PacketReader reader = new(packet);
        uint magic = reader.UInt32();
        MessageType type = (MessageType)reader.UInt16();
        ushort version = reader.UInt16();
        uint length = reader.UInt32();
        _ = reader.UInt32();
        if (magic != Magic || length != packet.Length)
            throw new ProtocolException($"The peer sent {packet.Length} bytes that are no message of this protocol: found magic "
                + $"0x{magic:x8} and length {length}, expected 0x{Magic:x8} and {packet.Length}.");
        return (type, version);
    }

    public static byte[] Encode(IHandshakeMessage message)
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        writer.Write(Magic);
        writer.Write((ushort)message.Type);
        writer.Write(Version);
        writer.Write(0u);
        writer.Write(0u);
        message.WriteBody(writer);
        byte[] packet = stream.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(packet.AsSpan(8), (uint)packet.Length);
        return packet;
    }

    /// <summary>What follows the header of a message.</summary>
    /// <exception cref="ProtocolException">It is another message.</exception>
    public static PacketReader ReadBody(ReadOnlySpan<byte> packet, MessageType expected)
    {
        (MessageType type, ushort version) = ReadHeader(packet);
        if (type != expected)
            throw new ProtocolException($"The peer sent message {(ushort)type} where {expected} ({(ushort)expected}) was expected.");

        // A refusal is for peers of every version; of what else the two have not agreed on the reader knows nothing.
        if (version != Version && type != MessageType.Refuse)
            throw new ProtocolException($"The peer sent {type} in version {version} of the protocol, but version {Version} was agreed on.");
        return new PacketReader(packet[HeaderLength..]);
    }

    public static void Write(BinaryWriter writer, LayoutAdvertisement[] layouts)
    {
        writer.Write(layouts.Length);
        foreach (LayoutAdvertisement layout in layouts)
        {
            writer.Write(layout.Descriptor.Fingerprint);
            writer.Write(layout.Json.Length);
            writer.Write(layout.Json);
        }
    }

    public static LayoutAdvertisement[] ReadLayouts(ref PacketReader reader)
    {
        LayoutAdvertisement[] layouts = new LayoutAdvertisement[reader.Count(MaxLayouts)];
        for (int i = 0; i < layouts.Length; i++)
        {
            ulong fingerprint = reader.UInt64();
            byte[] json = reader.Bytes(reader.Count(LayoutDescriptor.MaxJsonLength)).ToArray();
            LayoutDescriptor descriptor;
            try
            {
                descriptor = LayoutDescriptor.Parse(json);
            }
            catch (FormatException error)
            {
                throw new ProtocolException($"The peer sent a layout that cannot be read. {error.Message}");
            }

            if (descriptor.Fingerprint != fingerprint)
                throw new ProtocolException(
                    $"The peer sent a layout whose fingerprint is {descriptor.Fingerprint:x16}, but says that it is {fingerprint:x16}.");
            layouts[i] = new LayoutAdvertisement(descriptor, json);
        }

        return layouts;
    }

    public static void Write(BinaryWriter writer, RegionInfo[] regions)
    {
        writer.Write(regions.Length);
        foreach (RegionInfo region in regions)
        {
            writer.Write((ushort)region.Kind);
            writer.Write((ushort)(region.IsWritable ? 1 : 0));
            writer.Write(0u);
            writer.Write(region.Size);
        }
    }

    public static RegionInfo[] ReadRegions(ref PacketReader reader)
    {
        RegionInfo[] regions = new RegionInfo[reader.Count(MaxRegions)];
        for (int i = 0; i < regions.Length; i++)
        {
            RegionKind kind = (RegionKind)reader.UInt16();
            ushort access = reader.UInt16();
            _ = reader.UInt32();
            regions[i] = new RegionInfo(kind, access == 1, (long)reader.UInt64());
        }

        return regions;
    }
}
