using Microsoft.Win32.SafeHandles;

namespace TypedShm.Tool.Recording;

/// <summary>
/// An Arrow stream in a file that is whole at any moment, so that whoever kills the recorder leaves a recording, and others can read it
/// while it grows.
/// </summary>
/// <remarks>
/// Each message of the stream (the schema, then batches of rows) begins with a prefix of 8 bytes, FFFFFFFF and a length; a length of 0 is
/// the end, behind which nobody looks. A message is added behind that end: first all of it but the prefix, then a new end, and last the
/// prefix, over the old end. These 8 bytes lie within one page, since messages are multiples of 8 bytes long, and the kernel copies them in
/// one go: a process that is killed has written all of them or none. A machine that goes down is another matter: the kernel writes pages
/// to the disk in its own order.
/// </remarks>
internal sealed class ArrowStreamFile : IDisposable
{
    private const int Prefix = 8;

    private readonly SafeFileHandle _file;
    private long _end;

    private ArrowStreamFile(SafeFileHandle file, long end)
    {
        _file = file;
        _end = end;
    }

    private static ReadOnlySpan<byte> End => [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0];

    /// <summary>Bytes of the file.</summary>
    public long Length => _end + End.Length;

    /// <summary>Makes the file, with a stream of no rows.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="schema">The first message.</param>
    /// <param name="replace">Whether a file that is there is replaced.</param>
    /// <exception cref="IOException">There is one, or none can be made.</exception>
    public static ArrowStreamFile Create(string path, ReadOnlySpan<byte> schema, bool replace)
    {
        // It gets its name when it has its schema.
        string unfinished = $"{path}.{Environment.ProcessId}.tmp";
        SafeFileHandle file = File.OpenHandle(unfinished, FileMode.Create, FileAccess.Write, FileShare.Read);
        try
        {
            RandomAccess.Write(file, schema, 0);
            RandomAccess.Write(file, End, schema.Length);
            File.Move(unfinished, path, replace);
            return new ArrowStreamFile(file, schema.Length);
        }
        catch
        {
            file.Dispose();
            File.Delete(unfinished);
            throw;
        }
    }

    /// <summary>Adds a message. If it throws, because the disk is full for instance, the file is what it was.</summary>
    public void Add(ReadOnlySpan<byte> message)
    {
        RandomAccess.Write(_file, message[Prefix..], _end + Prefix);
        RandomAccess.Write(_file, End, _end + message.Length);
        RandomAccess.Write(_file, message[..Prefix], _end);
        _end += message.Length;
    }

    public void Dispose() => _file.Dispose();
}
