using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;

namespace TypedShm.Tool.Recording;

/// <summary>Reads a recording, also one that another program has made an Arrow file, with all columns and metadata.</summary>
internal sealed class RecordingReader : IDisposable
{
    private static readonly byte[] s_magic = "ARROW1"u8.ToArray();

    private readonly FileStream _file;
    private readonly ArrowStreamReader _reader;
    private readonly RowColumns _columns;

    private RecordingReader(FileStream file, ArrowStreamReader reader, Schema schema)
    {
        _file = file;
        _reader = reader;
        Channel = RecordedChannel.FromMetadata(schema.Metadata);
        _columns = new RowColumns(Channel);
        Check(schema, _columns.Schema);
    }

    public RecordedChannel Channel { get; }

    /// <summary>How much of the file was read, from 0 to 1.</summary>
    public double Progress => _file.Length == 0 ? 1 : (double)_file.Position / _file.Length;

    /// <exception cref="FormatException">It is no recording.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static RecordingReader Open(string path)
    {
        // Its recorder may still be at work.
        FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        try
        {
            ArrowStreamReader reader = IsFile(file) ? new ArrowFileReader(file) : new ArrowStreamReader(file);
            return Guard(path, () => new RecordingReader(file, reader, reader.Schema ?? throw new FormatException("It is empty.")));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The rows. Once.</summary>
    /// <exception cref="FormatException">The file is damaged.</exception>
    public IEnumerable<RecordedRow> Rows()
    {
        while (Guard(_file.Name, _reader.ReadNextRecordBatch) is { } batch)
        {
            using (batch)
            {
                for (int row = 0; row < batch.Length; row++)
                    yield return _columns.Read(batch, row);
            }
        }
    }

    public void Dispose()
    {
        _reader.Dispose();
        _file.Dispose();
    }

    private static bool IsFile(FileStream file)
    {
        Span<byte> start = stackalloc byte[s_magic.Length];
        int read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        file.Position = 0;
        return start[..read].SequenceEqual(s_magic);
    }

    // What Arrow's reader throws of bytes that are no Arrow is whatever happens to go wrong.
    private static T Guard<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (FormatException error)
        {
            throw new FormatException($"'{path}' cannot be used. {error.Message}", error);
        }
        catch (Exception error) when (error is not IOException and not UnauthorizedAccessException and not OutOfMemoryException)
        {
            throw new FormatException($"'{path}' is no Arrow stream, or damaged: {error.Message}", error);
        }
    }

    private static void Check(Schema found, Schema expected)
    {
        string[] names = [.. found.FieldsList.Select(field => field.Name)];
        string[] wanted = [.. expected.FieldsList.Select(field => field.Name)];
        if (!names.SequenceEqual(wanted))
            throw new FormatException($"It has the columns {string.Join(", ", names)}, but its layout needs "
                + $"{string.Join(", ", wanted)}, in this order.");
        foreach ((Field one, Field other) in found.FieldsList.Zip(expected.FieldsList))
        {
            if (!Agree(one.DataType, other.DataType))
                throw new FormatException($"Its column '{one.Name}' is of type {one.DataType.Name}, but the layout needs "
                    + $"{other.DataType.Name}: convert it.");
        }
    }

    private static bool Agree(IArrowType one, IArrowType other) => one.TypeId == other.TypeId && (one, other) switch
    {
        (FixedSizeBinaryType left, FixedSizeBinaryType right) => left.ByteWidth == right.ByteWidth,
        (FixedSizeListType left, FixedSizeListType right) => left.ListSize == right.ListSize
            && Agree(left.ValueDataType, right.ValueDataType),
        (StructType left, StructType right) => left.Fields.Count == right.Fields.Count
            && left.Fields.Zip(right.Fields).All(pair => pair.First.Name == pair.Second.Name
                && Agree(pair.First.DataType, pair.Second.DataType)),
        (TimestampType left, TimestampType right) => left.Unit == right.Unit,
        (DurationType left, DurationType right) => left.Unit == right.Unit,
        (Time64Type left, Time64Type right) => left.Unit == right.Unit,
        _ => true,
    };
}
