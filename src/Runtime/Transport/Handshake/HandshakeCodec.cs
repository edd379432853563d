using System.Buffers.Binary;
using System.Text;
using TypedShm.Interop;
using TypedShm.Memory;

namespace TypedShm.Transport;

/// <summary>The kind of a channel. The numbers are part of the protocol; those of channels to come are reserved.</summary>
internal enum ChannelKind : ushort
{
    Struct = 1,
    State = 2,
    Table = 3,
    Queue = 4,
    Broadcast = 5,
    Call = 6,
}

internal enum MessageType : ushort
{
    Hello = 1,
    Welcome = 2,
    Refuse = 3,
    Attach = 4,
    Ready = 5,
}

/// <summary>What a region of a handshake is: <see cref="RegionKind"/>, or 0 for bare data without a header.</summary>
internal readonly record struct RegionInfo(RegionKind Kind, bool IsWritable, long Size);

/// <summary>A region that a client is to get, for reading or for writing too.</summary>
internal readonly record struct RegionOffer(SharedRegion Region, bool IsWritable)
{
    public RegionInfo Info => new(Region.Header.Kind, IsWritable, Region.Size);
}

/// <summary>A layout, and the JSON that it was read from.</summary>
internal sealed record LayoutAdvertisement(LayoutDescriptor Descriptor, byte[] Json)
{
    public static LayoutAdvertisement Of<T>()
        where T : unmanaged, ISharedLayout<T> => new(LayoutDescriptor.Of<T>(), T.LayoutJson.ToArray());
}

internal sealed record HelloMessage(ChannelKind Kind, PeerRole Role, WaitAbilities Abilities, LayoutAdvertisement[] Layouts);

/// <param name="Abilities">The server's ways to wait.</param>
/// <param name="Parameters">What the creator chose for the channel; each kind has its own, see <c>docs/protocol.md</c>.</param>
/// <param name="Layouts">The server's layouts.</param>
/// <param name="Regions">The regions that come along.</param>
internal sealed record WelcomeMessage(WaitAbilities Abilities, long[] Parameters, LayoutAdvertisement[] Layouts, RegionInfo[] Regions);

internal sealed record RefuseMessage(RefusalReason Reason, string Text, LayoutAdvertisement[] Layouts);

internal sealed record AttachMessage(RegionInfo[] Regions);

internal sealed record ReadyMessage(ulong Start);

/// <summary>
/// The messages of the handshake as bytes; <c>docs/protocol.md</c> describes each. Reading trusts nothing: every length
/// is checked against what is left of the packet.
/// </summary>
internal static class HandshakeCodec
{
    public const ushort Version = 1;

    /// <summary>Two layouts of the greatest length and what stands around them.</summary>
    public const int MaxPacket = (2 * LayoutDescriptor.MaxJsonLength) + 4096;

    private const uint Magic = 0x6D685354; // "TShm"
    private const int HeaderLength = 16;
    private const int MaxLayouts = 2;
    private const int MaxRegions = 8;
    private const int MaxParameters = 8;
    private const int MaxText = 2048;

    public static byte[] Encode(HelloMessage hello) => Build(MessageType.Hello, writer =>
    {
        writer.Write((ushort)hello.Kind);
        writer.Write((ushort)hello.Role);
        writer.Write((uint)hello.Abilities);
        WriteLayouts(writer, hello.Layouts);
    });

    public static byte[] Encode(WelcomeMessage welcome) => Build(MessageType.Welcome, writer =>
    {
        writer.Write((uint)welcome.Abilities);
        writer.Write(welcome.Parameters.Length);
        foreach (long parameter in welcome.Parameters)
            writer.Write(parameter);
        WriteRegions(writer, welcome.Regions);
        WriteLayouts(writer, welcome.Layouts);
    });

    public static byte[] Encode(RefuseMessage refuse) => Build(MessageType.Refuse, writer =>
    {
        byte[] text = Encoding.UTF8.GetBytes(refuse.Text);
        int length = Math.Min(text.Length, MaxText);
        writer.Write((uint)refuse.Reason);
        writer.Write(length);
        writer.Write(text, 0, length);
        WriteLayouts(writer, refuse.Layouts);
    });

    public static byte[] Encode(AttachMessage attach) => Build(MessageType.Attach, writer => WriteRegions(writer, attach.Regions));

    public static byte[] Encode(ReadyMessage ready) => Build(MessageType.Ready, writer => writer.Write(ready.Start));

    /// <summary>The type and version of a packet.</summary>
    /// <exception cref="ProtocolException">It is no message of this protocol.</exception>
    public static (MessageType Type, ushort Version) ReadHeader(ReadOnlySpan<byte> packet)
    {
        Reader reader = new(packet);
        uint magic = reader.UInt32();
        MessageType type = (MessageType)reader.UInt16();
        ushort version = reader.UInt16();
        uint length = reader.UInt32();
        _ = reader.UInt32();
        if (magic != Magic || length != packet.Length)
            throw new ProtocolException($"The peer sent {packet.Length} bytes that are no message of this protocol: found magic 0x{magic:x8} and length {length}, expected 0x{Magic:x8} and {packet.Length}.");
        return (type, version);
    }

    public static HelloMessage DecodeHello(ReadOnlySpan<byte> packet)
    {
        Reader reader = Body(packet, MessageType.Hello);
        ChannelKind kind = (ChannelKind)reader.UInt16();
        PeerRole role = (PeerRole)reader.UInt16();
        WaitAbilities abilities = (WaitAbilities)reader.UInt32();
        return new HelloMessage(kind, role, abilities, ReadLayouts(ref reader));
    }

    public static WelcomeMessage DecodeWelcome(ReadOnlySpan<byte> packet)
    {
        Reader reader = Body(packet, MessageType.Welcome);
        WaitAbilities abilities = (WaitAbilities)reader.UInt32();
        long[] parameters = new long[reader.Count(MaxParameters)];
        for (int i = 0; i < parameters.Length; i++)
            parameters[i] = (long)reader.UInt64();
        RegionInfo[] regions = ReadRegions(ref reader);
        return new WelcomeMessage(abilities, parameters, ReadLayouts(ref reader), regions);
    }

    public static RefuseMessage DecodeRefuse(ReadOnlySpan<byte> packet)
    {
        Reader reader = Body(packet, MessageType.Refuse);
        RefusalReason reason = (RefusalReason)reader.UInt32();
        string text = UntrustedText.Of(reader.Bytes(reader.Count(MaxText)), MaxText);
        return new RefuseMessage(reason, text, ReadLayouts(ref reader));
    }

    public static AttachMessage DecodeAttach(ReadOnlySpan<byte> packet)
    {
        Reader reader = Body(packet, MessageType.Attach);
        return new AttachMessage(ReadRegions(ref reader));
    }

    public static ReadyMessage DecodeReady(ReadOnlySpan<byte> packet)
    {
        Reader reader = Body(packet, MessageType.Ready);
        return new ReadyMessage(reader.UInt64());
    }

    private static byte[] Build(MessageType type, Action<BinaryWriter> body)
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        writer.Write(Magic);
        writer.Write((ushort)type);
        writer.Write(Version);
        writer.Write(0u);
        writer.Write(0u);
        body(writer);
        byte[] packet = stream.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(packet.AsSpan(8), (uint)packet.Length);
        return packet;
    }

    private static Reader Body(ReadOnlySpan<byte> packet, MessageType expected)
    {
        (MessageType type, _) = ReadHeader(packet);
        if (type != expected)
            throw new ProtocolException($"The peer sent message {(ushort)type} where {expected} ({(ushort)expected}) was expected.");
        return new Reader(packet[HeaderLength..]);
    }

    private static void WriteLayouts(BinaryWriter writer, LayoutAdvertisement[] layouts)
    {
        writer.Write(layouts.Length);
        foreach (LayoutAdvertisement layout in layouts)
        {
            writer.Write(layout.Descriptor.Fingerprint);
            writer.Write(layout.Json.Length);
            writer.Write(layout.Json);
        }
    }

    private static LayoutAdvertisement[] ReadLayouts(ref Reader reader)
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
                throw new ProtocolException($"The peer sent a layout whose fingerprint is {descriptor.Fingerprint:x16}, but says that it is {fingerprint:x16}.");
            layouts[i] = new LayoutAdvertisement(descriptor, json);
        }

        return layouts;
    }

    private static void WriteRegions(BinaryWriter writer, RegionInfo[] regions)
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

    private static RegionInfo[] ReadRegions(ref Reader reader)
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

    private ref struct Reader(ReadOnlySpan<byte> rest)
    {
        private ReadOnlySpan<byte> _rest = rest;

        public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2));

        public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4));

        public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(8));

        public int Count(int most)
        {
            uint count = UInt32();
            return count <= most ? (int)count : throw new ProtocolException($"The peer sent a message with the count {count} where at most {most} is allowed.");
        }

        public ReadOnlySpan<byte> Bytes(int count)
        {
            if (count > _rest.Length)
                throw new ProtocolException($"The peer sent a message that ends {count - _rest.Length} bytes too early.");
            ReadOnlySpan<byte> bytes = _rest[..count];
            _rest = _rest[count..];
            return bytes;
        }
    }
}
