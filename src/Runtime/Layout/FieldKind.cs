using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace TypedShm.Layout;

/// <summary>
/// What a kind of field means: how its bytes are compared and shown, as text and as JSON. The bytes may come from a peer, so any are taken,
/// also those that no value of the type has.
/// </summary>
internal abstract class FieldKind
{
    /// <summary>Bytes of a value; null if that differs from field to field.</summary>
    public virtual int? Size => null;

    /// <summary>Whether two values are equal if and only if their bytes are.</summary>
    public virtual bool IsBitwise => true;

    public virtual bool AreEqual(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) => one.SequenceEqual(other);

    public virtual void AddTo(ref HashCode hash, ReadOnlySpan<byte> value) => hash.AddBytes(value);

    /// <summary>The value as text, for people.</summary>
    public abstract string Format(ReadOnlySpan<byte> value);

    public virtual void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Format(value));

    /// <summary>Reads what <see cref="Write"/> has written.</summary>
    /// <returns>Whether the token is such a value.</returns>
    public abstract bool TryRead(ref Utf8JsonReader reader, scoped Span<byte> value, JsonSerializerOptions options);

    protected static string Text<TValue>(TValue value) =>
        value is IFormattable formattable ? formattable.ToString(null, CultureInfo.InvariantCulture) : value?.ToString() ?? "";
}

/// <summary>Bytes that are a value of a type of .NET.</summary>
internal abstract class FieldKind<T>(bool isBitwise) : FieldKind
    where T : unmanaged, IEquatable<T>
{
    public sealed override int? Size => Unsafe.SizeOf<T>();

    public sealed override bool IsBitwise => isBitwise;

    public sealed override bool AreEqual(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) =>
        one.SequenceEqual(other)
            || (!isBitwise && IsValue(one) && IsValue(other) && MemoryMarshal.Read<T>(one).Equals(MemoryMarshal.Read<T>(other)));

    public sealed override void AddTo(ref HashCode hash, ReadOnlySpan<byte> value)
    {
        if (isBitwise || !IsValue(value))
            hash.AddBytes(value);
        else
            hash.Add(MemoryMarshal.Read<T>(value));
    }

    public override string Format(ReadOnlySpan<byte> value) =>
        IsValue(value) ? Text(MemoryMarshal.Read<T>(value)) : $"0x{Convert.ToHexString(value)}";

    /// <summary>Whether some value of the type has these bytes.</summary>
    protected virtual bool IsValue(ReadOnlySpan<byte> bytes) => true;
}
