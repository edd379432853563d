using System.Collections.Frozen;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace TypedShm.Layout;

/// <summary>The kinds of <c>docs/format.md</c>, but <c>struct</c>.</summary>
internal static class FieldKinds
{
    private static readonly FrozenDictionary<string, FieldKind> s_byName = new Dictionary<string, FieldKind>
    {
        ["bool"] = new BoolKind(),
        ["int8"] = new NumberKind<sbyte>(isBitwise: true),
        ["int16"] = new NumberKind<short>(isBitwise: true),
        ["int32"] = new NumberKind<int>(isBitwise: true),
        ["int64"] = new NumberKind<long>(isBitwise: true),
        ["int128"] = new NumberKind<Int128>(isBitwise: true),
        ["uint8"] = new NumberKind<byte>(isBitwise: true),
        ["uint16"] = new NumberKind<ushort>(isBitwise: true),
        ["uint32"] = new NumberKind<uint>(isBitwise: true),
        ["uint64"] = new NumberKind<ulong>(isBitwise: true),
        ["uint128"] = new NumberKind<UInt128>(isBitwise: true),
        ["float16"] = new NumberKind<Half>(isBitwise: false),
        ["float32"] = new NumberKind<float>(isBitwise: false),
        ["float64"] = new NumberKind<double>(isBitwise: false),
        ["decimal"] = new DecimalKind(),
        ["char16"] = new StringKind<char>(static text => text is [var only] ? only : null),
        ["guid"] = new StringKind<Guid>(static text => Guid.TryParse(text, CultureInfo.InvariantCulture, out Guid value) ? value : null),
        ["rune"] = new StringKind<Rune>(
            static text => Rune.TryGetRuneAt(text, 0, out Rune value) && value.Utf16SequenceLength == text.Length ? value : null,
            static bytes => Rune.IsValid(MemoryMarshal.Read<int>(bytes))),
        ["timespan"] = new StringKind<TimeSpan>(static text => TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan value)
            ? value
            : null),
        ["dateonly"] = new StringKind<DateOnly>(
            static text => DateOnly.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly value)
                ? value
                : null,
            static bytes => MemoryMarshal.Read<uint>(bytes) <= DateOnly.MaxValue.DayNumber,
            static value => value.ToString("O", CultureInfo.InvariantCulture)),
        ["timeonly"] = new StringKind<TimeOnly>(
            static text => TimeOnly.TryParse(text, CultureInfo.InvariantCulture, out TimeOnly value) ? value : null,
            static bytes => MemoryMarshal.Read<ulong>(bytes) <= (ulong)TimeOnly.MaxValue.Ticks,
            static value => value.ToString("O", CultureInfo.InvariantCulture)),
        ["index"] = new StringKind<Index>(IndexText.Parse),
        ["range"] = new StringKind<Range>(IndexText.ParseRange),
        ["complex"] = new TupleKind<Complex, double>(),
        ["vector2"] = new TupleKind<Vector2, float>(),
        ["vector3"] = new TupleKind<Vector3, float>(),
        ["vector4"] = new TupleKind<Vector4, float>(),
        ["quaternion"] = new TupleKind<Quaternion, float>(),
        ["plane"] = new TupleKind<Plane, float>(),
        ["matrix3x2"] = new TupleKind<Matrix3x2, float>(),
        ["matrix4x4"] = new TupleKind<Matrix4x4, float>(),
        ["text"] = new TextKind(),
    }.ToFrozenDictionary();

    // What no kind of this version says anything about, and elements of a type that is not stated.
    private static readonly BytesKind s_bytes = new();

    public static FieldKind Of(string kind) => s_byName.TryGetValue(kind, out FieldKind? found) ? found : s_bytes;

    /// <summary>Whether an array of the kind is binary data, which JSON has in base 64.</summary>
    public static bool IsByte(FieldKind kind) => kind is NumberKind<byte>;

    /// <summary>Whether values are single numbers.</summary>
    public static bool IsNumber(FieldKind? kind) => kind is INumberKind;

    private interface INumberKind;

    private sealed class BoolKind : FieldKind
    {
        public override int? Size => sizeof(bool);

        // All but 0 is true.
        public override bool IsBitwise => false;

        public override bool AreEqual(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) => one[0] != 0 == (other[0] != 0);

        public override void AddTo(ref HashCode hash, ReadOnlySpan<byte> value) => hash.Add(value[0] != 0);

        public override string Format(ReadOnlySpan<byte> value) => value[0] != 0 ? "True" : "False";

        public override void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> value, JsonSerializerOptions options) =>
            writer.WriteBooleanValue(value[0] != 0);

        public override bool TryRead(ref Utf8JsonReader reader, scoped Span<byte> value, JsonSerializerOptions options)
        {
            value[0] = reader.TokenType == JsonTokenType.True ? (byte)1 : (byte)0;
            return reader.TokenType is JsonTokenType.True or JsonTokenType.False;
        }
    }

    private sealed class BytesKind : FieldKind
    {
        public override string Format(ReadOnlySpan<byte> value) => $"0x{Convert.ToHexString(value)}";

        public override void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> value, JsonSerializerOptions options) =>
            writer.WriteBase64StringValue(value);

        public override bool TryRead(ref Utf8JsonReader reader, scoped Span<byte> value, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && reader.TryGetBytesFromBase64(out byte[]? bytes) && bytes.Length == value.Length
                && bytes.AsSpan().TryCopyTo(value);
    }

    private sealed class TextKind : FieldKind
    {
        // What stands behind the NUL is no part of the text.
        public override bool IsBitwise => false;

        public override bool AreEqual(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) =>
            Utf8Text.UpToNul(one).SequenceEqual(Utf8Text.UpToNul(other));

        public override void AddTo(ref HashCode hash, ReadOnlySpan<byte> value) => hash.AddBytes(Utf8Text.UpToNul(value));

        public override string Format(ReadOnlySpan<byte> value) => Utf8Text.ToString(value);

        public override bool TryRead(ref Utf8JsonReader reader, scoped Span<byte> value, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && Utf8Text.TrySet(value, reader.GetString());
    }

    private class NumberKind<T>(bool isBitwise) : FieldKind<T>(isBitwise), INumberKind
        where T : unmanaged, INumberBase<T>
    {
        private const int MostCharacters = 64;
        private readonly NumberStyles _styles = isBitwise ? NumberStyles.Integer : NumberStyles.Float;

        public override void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> value, JsonSerializerOptions options)
        {
            T number = MemoryMarshal.Read<T>(value);
            if (!IsValue(value))
                writer.WriteStringValue(Format(value));
            else if (T.IsFinite(number))
                writer.WriteRawValue(Text(number), skipInputValidation: true);
            else if (options.NumberHandling.HasFlag(JsonNumberHandling.AllowNamedFloatingPointLiterals))
                writer.WriteStringValue(Text(number));
            else
                throw new ArgumentException($"{Text(number)} is no number in JSON. Set "
                    + "JsonNumberHandling.AllowNamedFloatingPointLiterals, or do not serialize it.", nameof(value));
        }

        public override bool TryRead(ref Utf8JsonReader reader, scoped Span<byte> value, JsonSerializerOptions options)
        {
            const JsonNumberHandling FromString =
                JsonNumberHandling.AllowReadingFromString | JsonNumberHandling.AllowNamedFloatingPointLiterals;
            bool isExpected = reader.TokenType == JsonTokenType.Number
                || (reader.TokenType == JsonTokenType.String && (options.NumberHandling & FromString) != 0);
            if (!isExpected || (reader.HasValueSequence ? reader.ValueSequence.Length : reader.ValueSpan.Length) > MostCharacters)
                return false;
            string text = reader.TokenType == JsonTokenType.String
                ? reader.GetString()!
                : Encoding.UTF8.GetString(reader.HasValueSequence
                ? System.Buffers.BuffersExtensions.ToArray(reader.ValueSequence)
                : reader.ValueSpan);
            return T.TryParse(text, _styles, CultureInfo.InvariantCulture, out T number) && MemoryMarshal.TryWrite(value, number);
        }
    }

    private sealed class DecimalKind() : NumberKind<decimal>(isBitwise: false)
    {
        private const uint Used = 0x80FF0000;
        private const int MostScale = 28;

        protected override bool IsValue(ReadOnlySpan<byte> bytes)
        {
            uint flags = MemoryMarshal.Read<uint>(bytes);
            return (flags & ~Used) == 0 && ((flags >> 16) & 0xFF) <= MostScale;
        }
    }

    private sealed class StringKind<T>(Func<string, T?> parse, Func<ReadOnlySpan<byte>, bool>? isValue = null,
        Func<T, string>? format = null) : FieldKind<T>(isBitwise: true)
        where T : unmanaged, IEquatable<T>
    {
        public override string Format(ReadOnlySpan<byte> value) =>
            format is null || !IsValue(value) ? base.Format(value) : format(MemoryMarshal.Read<T>(value));

        public override bool TryRead(ref Utf8JsonReader reader, scoped Span<byte> value, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && parse(reader.GetString()!) is { } parsed && MemoryMarshal.TryWrite(value, parsed);

        protected override bool IsValue(ReadOnlySpan<byte> bytes) => isValue?.Invoke(bytes) ?? true;
    }

    // A value of several numbers, which JSON has as an array of them.
    private sealed class TupleKind<T, TElement>() : FieldKind<T>(isBitwise: false)
        where T : unmanaged, IEquatable<T>
        where TElement : unmanaged, INumberBase<TElement>
    {
        private static readonly NumberKind<TElement> s_element = new(isBitwise: false);

        public override void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> value, JsonSerializerOptions options)
        {
            int size = System.Runtime.CompilerServices.Unsafe.SizeOf<TElement>();
            writer.WriteStartArray();
            for (int at = 0; at < value.Length; at += size)
                s_element.Write(writer, value.Slice(at, size), options);
            writer.WriteEndArray();
        }

        public override bool TryRead(ref Utf8JsonReader reader, scoped Span<byte> value, JsonSerializerOptions options)
        {
            int size = System.Runtime.CompilerServices.Unsafe.SizeOf<TElement>();
            if (reader.TokenType != JsonTokenType.StartArray)
                return false;
            for (int at = 0; at < value.Length; at += size)
            {
                if (!reader.Read() || !s_element.TryRead(ref reader, value.Slice(at, size), options))
                    return false;
            }

            return reader.Read() && reader.TokenType == JsonTokenType.EndArray;
        }
    }

    private static class IndexText
    {
        public static Index? Parse(string text)
        {
            bool fromEnd = text.StartsWith('^');
            return int.TryParse(fromEnd ? text[1..] : text, NumberStyles.None, CultureInfo.InvariantCulture, out int value)
                ? new Index(value, fromEnd)
                : null;
        }

        public static Range? ParseRange(string text) =>
            text.Split("..") is [var start, var end] && Parse(start) is { } from && Parse(end) is { } to ? new Range(from, to) : null;
    }
}
