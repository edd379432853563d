using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace TypedShm.HostilePeer.Raw;

/// <summary>A layout as it travels: its fingerprint and its JSON.</summary>
internal sealed record RawLayout(ulong Fingerprint, byte[] Json)
{
    private readonly Lazy<(int Size, int Alignment)> _facts = new(() =>
    {
        using JsonDocument document = JsonDocument.Parse(Json);
        return (document.RootElement.GetProperty("size").GetInt32(), document.RootElement.GetProperty("alignment").GetInt32());
    });

    public int Size => _facts.Value.Size;

    public int Alignment => _facts.Value.Alignment;

    /// <summary>A layout that keeps the rules, and that nobody has: of one field.</summary>
    public static RawLayout Of(string field)
    {
        string json = $$"""{"name":"Nobody","size":8,"alignment":8,"fields":[{"name":"{{field}}","kind":"int64","offset":0,"size":8}]}""";
        return new RawLayout(FingerprintOf($"typedshm 1 8 8\n{field} int64 0 8 0 -\n"), Encoding.UTF8.GetBytes(json));
    }

    /// <summary>FNV-1a, of 64 bits.</summary>
    public static ulong FingerprintOf(string text)
    {
        ulong hash = 14695981039346656037;
        foreach (byte next in Encoding.UTF8.GetBytes(text))
            hash = (hash ^ next) * 1099511628211;
        return hash;
    }
}

/// <summary>A region as a message announces it.</summary>
internal sealed record RawInfo(ushort Kind, ushort Access, long Size);

/// <summary>What a Welcome says.</summary>
internal sealed record RawWelcome(uint Abilities, long[] Parameters, RawInfo[] Regions, RawLayout[] Layouts);

/// <summary>The messages of the handshake, written and read by <c>docs/protocol.md</c>.</summary>
internal static class Wire
{
    public const ushort Hello = 1;
    public const ushort Welcome = 2;
    public const ushort Refuse = 3;
    public const ushort Attach = 4;
    public const ushort Ready = 5;

    public const int HeaderLength = 16;
    public const int MostBytes = (2 * 120_000) + 4096;

    public static byte[] HelloOf(ushort kind, ushort role, uint abilities, params RawLayout[] layouts) => Message(Hello, writer =>
    {
        writer.Write(kind);
        writer.Write(role);
        writer.Write(abilities);
        Write(writer, layouts);
    });

    public static byte[] WelcomeOf(RawWelcome welcome) => Message(Welcome, writer =>
    {
        writer.Write(welcome.Abilities);
        writer.Write(welcome.Parameters.Length);
        Array.ForEach(welcome.Parameters, writer.Write);
        Write(writer, welcome.Regions);
        Write(writer, welcome.Layouts);
    });

    public static byte[] RefuseOf(uint reason, byte[] text, params RawLayout[] layouts) => Message(Refuse, writer =>
    {
        writer.Write(reason);
        writer.Write(text.Length);
        writer.Write(text);
        Write(writer, layouts);
    });

    public static byte[] AttachOf(params RawInfo[] regions) => Message(Attach, writer => Write(writer, regions));

    public static byte[] ReadyOf(ulong start, params RawInfo[] regions) => Message(Ready, writer =>
    {
        writer.Write(start);
        Write(writer, regions);
    });

    public static ushort TypeOf(byte[] packet) =>
        packet.Length < HeaderLength ? (ushort)0 : BinaryPrimitives.ReadUInt16LittleEndian(packet.AsSpan(4));

    /// <summary>The length in the header is what the packet has.</summary>
    public static byte[] Relength(byte[] packet)
    {
        if (packet.Length >= 12)
            BinaryPrimitives.WriteInt32LittleEndian(packet.AsSpan(8), packet.Length);
        return packet;
    }

    public static (uint Reason, string Text, RawLayout[] Layouts) ReadRefuse(byte[] packet)
    {
        using BinaryReader reader = Body(packet);
        uint reason = reader.ReadUInt32();
        string text = Encoding.UTF8.GetString(reader.ReadBytes(reader.ReadInt32()));
        return (reason, text, ReadLayouts(reader));
    }

    public static RawWelcome ReadWelcome(byte[] packet)
    {
        using BinaryReader reader = Body(packet);
        uint abilities = reader.ReadUInt32();
        long[] parameters = [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => reader.ReadInt64())];
        return new RawWelcome(abilities, parameters, ReadRegions(reader), ReadLayouts(reader));
    }

    public static (ushort Kind, ushort Role, uint Abilities, RawLayout[] Layouts) ReadHello(byte[] packet)
    {
        using BinaryReader reader = Body(packet);
        return (reader.ReadUInt16(), reader.ReadUInt16(), reader.ReadUInt32(), ReadLayouts(reader));
    }

    public static RawInfo[] ReadAttach(byte[] packet)
    {
        using BinaryReader reader = Body(packet);
        return ReadRegions(reader);
    }

    public static (ulong Start, RawInfo[] Regions) ReadReady(byte[] packet)
    {
        using BinaryReader reader = Body(packet);
        return (reader.ReadUInt64(), ReadRegions(reader));
    }

    private static byte[] Message(ushort type, Action<BinaryWriter> body)
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        writer.Write("TShm"u8);
        writer.Write(type);
        writer.Write((ushort)1);
        writer.Write(0L);
        body(writer);
        return Relength(stream.ToArray());
    }

    private static void Write(BinaryWriter writer, RawLayout[] layouts)
    {
        writer.Write(layouts.Length);
        foreach (RawLayout layout in layouts)
        {
            writer.Write(layout.Fingerprint);
            writer.Write(layout.Json.Length);
            writer.Write(layout.Json);
        }
    }

    private static void Write(BinaryWriter writer, RawInfo[] regions)
    {
        writer.Write(regions.Length);
        foreach (RawInfo region in regions)
        {
            writer.Write(region.Kind);
            writer.Write(region.Access);
            writer.Write(0);
            writer.Write(region.Size);
        }
    }

    private static BinaryReader Body(byte[] packet) => new(new MemoryStream(packet, HeaderLength, packet.Length - HeaderLength));

    private static RawLayout[] ReadLayouts(BinaryReader reader) => [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ =>
    {
        ulong fingerprint = reader.ReadUInt64();
        return new RawLayout(fingerprint, reader.ReadBytes(reader.ReadInt32()));
    })];

    private static RawInfo[] ReadRegions(BinaryReader reader) => [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ =>
    {
        ushort kind = reader.ReadUInt16();
        ushort access = reader.ReadUInt16();
        reader.ReadInt32();
        return new RawInfo(kind, access, reader.ReadInt64());
    })];
}
