using Apache.Arrow;
using Apache.Arrow.Ipc;

namespace TypedShm.Tool.Recording;

/// <summary>Writes a recording: rows are collected, and added to the file a batch at a time.</summary>
internal sealed class RecordingWriter : IDisposable
{
    /// <summary>A batch is written when its values take so many bytes.</summary>
    private const long BatchSize = 1 << 20;

    private readonly RowColumns _columns;
    private readonly MemoryStream _message = new();
    private readonly ArrowStreamWriter _writer;
    private readonly ArrowStreamFile _file;

    /// <param name="path">The file.</param>
    /// <param name="channel">What is recorded.</param>
    /// <param name="replace">Whether a file that is there is replaced.</param>
    public RecordingWriter(string path, RecordedChannel channel, bool replace)
    {
        _columns = new RowColumns(channel);
        _writer = new ArrowStreamWriter(_message, _columns.Schema);
        _writer.WriteStart();
        _file = ArrowStreamFile.Create(path, TakeMessage(), replace);
    }

    public long Rows { get; private set; }

    public long Lost { get; private set; }

    public int Batches { get; private set; }

    /// <summary>Bytes of the file; what is not committed is not there yet.</summary>
    public long Length => _file.Length;

    public void Append(RecordedRow row)
    {
        _columns.Append(row);
        Rows++;
        Lost += row.Lost;
        if (_columns.Size >= BatchSize)
            Commit();
    }

    /// <summary>Writes what was appended.</summary>
    public void Commit()
    {
        if (_columns.Count == 0)
            return;
        using (RecordBatch batch = _columns.Take())
            _writer.WriteRecordBatch(batch);
        _file.Add(TakeMessage());
        Batches++;
    }

    public void Dispose()
    {
        _file.Dispose();
        _writer.Dispose();
        _message.Dispose();
    }

    private ReadOnlySpan<byte> TakeMessage()
    {
        ReadOnlySpan<byte> message = _message.GetBuffer().AsSpan(0, (int)_message.Length);
        _message.SetLength(0);
        return message;
    }
}
