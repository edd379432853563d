using TypedShm;

namespace Counters;

/// <summary>Keeps the table up to date: a row for each counter, written only when its value has changed.</summary>
internal sealed class Writer(string name) : IDisposable
{
    private const int Rows = 32_768;

    private readonly SharedTableWriter<Counter> _table = SharedTable.Create<Counter>(name, Rows);
    private readonly Dictionary<string, (int Row, long Value)> _known = [];

    public int Counters => _known.Count;

    /// <summary>How many rows were written. The table numbers its changes in the same way, from 1.</summary>
    public long Changes { get; private set; }

    public void Sweep()
    {
        // Readers are woken once, when the batch is disposed.
        using TableBatch<Counter> batch = _table.Batch();
        foreach ((string counter, long value) in Kernel.Counters())
        {
            bool isNew = !_known.TryGetValue(counter, out (int Row, long Value) known);
            if (isNew && _known.Count == Rows)
                continue;
            if (!isNew && known.Value == value)
                continue;

            int row = isNew ? _known.Count : known.Row;
            _known[counter] = (row, value);

            // The next value of the row, which begins as a copy of the last one. Readers see all of it or nothing.
            using TableClaim<Counter> claim = batch.Update(row);
            if (isNew)
                claim.View.Name.TrySet(counter);
            claim.View.Value = value;
            claim.Commit();
            Changes++;
        }
    }

    public void Dispose() => _table.Dispose();
}
