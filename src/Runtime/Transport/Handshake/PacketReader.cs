using System.Buffers.Binary;

namespace TypedShm.Transport;

/// <summary>Reads a packet of the handshake. Trusts nothing: every length is checked against what is left of the packet.</summary>
internal ref struct PacketReader(ReadOnlySpan<byte> rest)
{
    private ReadOnlySpan<byte> _rest = rest;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(8));

    public int Count(int most)
    {
        uint count = UInt32();
        return count <= most
            ? (int)count
            : throw new ProtocolException($"The peer sent a message with the count {count} where at most {most} is allowed.");
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
