using System.Buffers.Binary;
using Apache.Arrow;
using Apache.Arrow.Types;
using TypedShm.Tool.Recording.Columns;
using Column = TypedShm.Tool.Recording.Columns.Column;

namespace TypedShm.Tool.Recording;

/// <summary>
/// The columns of a recording: what is known of each value, each of its fields, its payload. Names that begin with <c>_</c> are those of
/// the recorder.
/// </summary>
internal sealed class RowColumns
{
    private readonly RecordedChannel _channel;
    private readonly List<StructColumn.Part> _fields;
    private readonly List<(Field Field, Column Column)> _all = [];
    private readonly Column _received;
    private readonly Column? _published;
    private readonly Column _sequence;
    private readonly Column? _lost;
    private readonly Column? _element;
    private readonly VariableColumn? _payload;

    public RowColumns(RecordedChannel channel)
    {
        TimestampType time = new(TimeUnit.Nanosecond, "UTC");
        _channel = channel;
        _received = Add("received", new FixedColumn(time, sizeof(long)));
        if (channel.HasPublishTimes)
            _published = Add("published", new FixedColumn(time, sizeof(long)));
        _sequence = Add("sequence", new FixedColumn(Int64Type.Default, sizeof(long)));
        if (channel.CountsLost)
            _lost = Add("lost", new FixedColumn(Int64Type.Default, sizeof(long)));
        if (channel.Kind == ChannelKind.Table)
            _element = Add("element", new FixedColumn(Int32Type.Default, sizeof(int)));
        _fields = FieldColumns.Of(channel.Layout.Fields);
        _all.AddRange(_fields.Select(part => (part.Field, part.Column)));
        if (channel.PayloadCapacity > 0)
            _payload = Add("payload", new VariableColumn(BinaryType.Default));
        Schema = new Schema(_all.Select(column => column.Field), channel.ToMetadata());
    }

    public Schema Schema { get; }

    /// <summary>Rows that were appended and not taken yet.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes that they take.</summary>
    public long Size => _all.Sum(column => column.Column.Size);

    public void Append(RecordedRow row)
    {
        AppendNumber(_received, row.Received + _channel.ClockOffset);
        AppendNumber(_published, (row.Value.PublishedAt ?? 0) + _channel.ClockOffset);
        AppendNumber(_sequence, row.Value.Number);
        AppendNumber(_lost, row.Lost);
        AppendNumber(_element, row.Value.Element);
        foreach (StructColumn.Part part in _fields)
            part.Column.Append(row.Value.Bytes.Span.Slice(part.Offset, part.Length));
        _payload?.Append(row.Value.Payload.Span);
        Count++;
    }

    /// <summary>Hands the rows over, and begins anew.</summary>
    public RecordBatch Take()
    {
        RecordBatch batch = new(Schema, [.. _all.Select(column => ArrowArrayFactory.BuildArray(column.Column.Take()))], Count);
        Count = 0;
        return batch;
    }

    /// <summary>Reads a row of a batch whose schema was checked.</summary>
    public RecordedRow Read(RecordBatch batch, int row)
    {
        byte[] value = new byte[_channel.Layout.Size];
        int at = 0;
        ArrayData Next() => batch.Column(at++).Data;
        long received = Number(_received, Next(), row) - _channel.ClockOffset;
        long? published = _published is null ? null : Number(_published, Next(), row) - _channel.ClockOffset;
        long sequence = Number(_sequence, Next(), row);
        long lost = _lost is null ? 0 : Number(_lost, Next(), row);
        long element = _element is null ? 0 : Number(_element, Next(), row);
        if (element < 0 || element >= _channel.Count)
            throw new FormatException($"A row is of element {element}, but the table has the elements 0 to {_channel.Count - 1}.");
        foreach (StructColumn.Part part in _fields)
            part.Column.Read(Next(), row, value.AsSpan(part.Offset, part.Length));
        byte[] payload = _payload is null ? [] : VariableColumn.ValueOf(Next(), row).ToArray();
        if (payload.Length > _channel.PayloadCapacity)
            throw new FormatException($"A row has {payload.Length} bytes of payload, but the channel has room for "
                + $"{_channel.PayloadCapacity}.");
        return new RecordedRow(
            new SharedSnapshot(_channel.Layout, value, sequence, published, (int)element, payload), received, lost);
    }

    private Column Add(string name, Column column) => Add<Column>(name, column);

    private TColumn Add<TColumn>(string name, TColumn column)
        where TColumn : Column
    {
        // A private field of the struct may be called like this.
        name = $"_{name}";
        while (_channel.Layout.Fields.Any(field => field.Name == name))
            name = $"_{name}";
        _all.Add((new Field(name, column.Type, nullable: false), column));
        return column;
    }

    private static void AppendNumber(Column? column, long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        column?.Append(bytes);
    }

    private static long Number(Column column, ArrayData array, int row)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        bytes.Clear();
        column.Read(array, row, bytes);
        return BinaryPrimitives.ReadInt64LittleEndian(bytes);
    }
}
