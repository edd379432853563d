using System.Buffers;
using System.ComponentModel;

namespace TypedShm;

/// <summary>
/// The layout of a struct as generated code has it, which costs the compiler a third of the JSON: <c>Telemetry 80 8{Tick int64 0 8;Faults
/// int32 28 4!;Cores struct 64 8*2{User uint32 0 4;Idle uint32 4 4}}</c>. Numbers are the size and the alignment of the struct, offset
/// and size of a field; <c>*</c> stands before the length of an array, <c>!</c> marks an atomic, braces hold the fields of a struct,
/// parentheses the members of an enum, <c>(Idle=0,Busy=1)</c>. For generated code.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class LayoutLiteral
{
    private static readonly SearchValues<byte> s_delimiters = SearchValues.Create(" {}();,=*!"u8);

    /// <summary>The JSON of <c>docs/format.md</c>, made once for a type.</summary>
    /// <typeparam name="T">The struct.</typeparam>
    /// <param name="literal">Its layout, as the generator writes it: not checked.</param>
    public static ReadOnlySpan<byte> ToJson<T>(ReadOnlySpan<byte> literal) => Cache<T>.Json ??= ToJson(literal);

    /// <summary>As <see cref="ToJson{T}"/>, made anew: for tools that read the layouts of an assembly.</summary>
    /// <param name="literal">The layout.</param>
    /// <exception cref="ArgumentException">
    /// It is none. What looks like one is not checked: <see cref="LayoutDescriptor.Parse"/> does.
    /// </exception>
    public static byte[] ToJson(ReadOnlySpan<byte> literal)
    {
        Converter converter = new(literal);
        converter.WriteStruct();
        return converter.Json.WrittenSpan.ToArray();
    }

    private static class Cache<T>
    {
        // Two threads may both convert: to the same.
        public static byte[]? Json;
    }

    private ref struct Converter(ReadOnlySpan<byte> literal)
    {
        private ReadOnlySpan<byte> _rest = literal;

        public ArrayBufferWriter<byte> Json { get; } = new(4 * literal.Length);

        public void WriteStruct()
        {
            Write("{\"name\":\""u8, Word());
            Write("\",\"size\":"u8, Word());
            Write(",\"alignment\":"u8, Word());
            WriteFields();
            Json.Write("}"u8);
        }

        private void WriteFields()
        {
            Json.Write(",\"fields\":["u8);
            Skip('{');
            while (!Skip('}'))
            {
                if (Skip(';'))
                    Json.Write(","u8);
                WriteField();
            }

            Json.Write("]"u8);
        }

        private void WriteField()
        {
            Write("{\"name\":\""u8, Word());
            Write("\",\"kind\":\""u8, Word());
            Write("\",\"offset\":"u8, Word());
            Write(",\"size\":"u8, Word());
            if (Skip('*'))
                Write(",\"length\":"u8, Word());
            if (Skip('!'))
                Json.Write(",\"atomic\":true"u8);
            if (_rest is [(byte)'{', ..])
                WriteFields();
            if (Skip('('))
                WriteMembers();
            Json.Write("}"u8);
        }

        private void WriteMembers()
        {
            Json.Write(",\"enum\":{"u8);
            while (!Skip(')'))
            {
                Write(Skip(',') ? ",\""u8 : "\""u8, Word());
                Skip('=');
                Write("\":"u8, Word());
            }

            Json.Write("}"u8);
        }

        private readonly void Write(ReadOnlySpan<byte> before, ReadOnlySpan<byte> word)
        {
            Json.Write(before);
            Json.Write(word);
        }

        // A name or a number, and the space behind it.
        private ReadOnlySpan<byte> Word()
        {
            int end = _rest.IndexOfAny(s_delimiters);
            ReadOnlySpan<byte> word = _rest[..end];
            _rest = _rest[end..];
            Skip(' ');
            return word;
        }

        private bool Skip(char next)
        {
            if (_rest is not [var first, ..] || first != next)
                return false;
            _rest = _rest[1..];
            return true;
        }
    }
}
