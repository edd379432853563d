using System.Buffers.Text;
using Microsoft.Win32.SafeHandles;

namespace TypedShm.Samples.Telemetry;

/// <summary>A file of /proc that is kept open and read again and again, without allocating.</summary>
internal sealed class ProcFile(string path) : IDisposable
{
    private readonly SafeFileHandle _file = File.OpenHandle(path);
    private byte[] _buffer = new byte[4096];

    /// <summary>The whole file as it is now; valid until the next call.</summary>
    public ReadOnlySpan<byte> Read()
    {
        int length = 0;
        while (true)
        {
            int read = RandomAccess.Read(_file, _buffer.AsSpan(length), length);
            if (read == 0)
                return _buffer.AsSpan(0, length);
            length += read;
            if (length == _buffer.Length)
                Array.Resize(ref _buffer, 2 * length);
        }
    }

    public void Dispose() => _file.Dispose();
}

/// <summary>Takes lines, words and numbers off the front of what the kernel prints.</summary>
internal ref struct ProcText(ReadOnlySpan<byte> rest)
{
    private ReadOnlySpan<byte> _rest = rest;

    public readonly bool IsEmpty => _rest.IsEmpty;

    public ProcText Line() => new(Until((byte)'\n'));

    public ReadOnlySpan<byte> Word()
    {
        _rest = _rest.TrimStart((byte)' ');
        return Until((byte)' ');
    }

    /// <summary>The next number, 0 where a kernel prints fewer of them.</summary>
    public long Long() => Utf8Parser.TryParse(Word(), out long value, out _) ? value : 0;

    public double Double() => Utf8Parser.TryParse(Word(), out double value, out _) ? value : 0;

    private ReadOnlySpan<byte> Until(byte separator)
    {
        int end = _rest.IndexOf(separator);
        ReadOnlySpan<byte> part = end < 0 ? _rest : _rest[..end];
        _rest = end < 0 ? [] : _rest[(end + 1)..];
        return part;
    }
}
