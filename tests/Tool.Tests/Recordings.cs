using Apache.Arrow;
using Apache.Arrow.Ipc;
using TypedShm.TestKit;

namespace TypedShm.Tool.Tests;

/// <summary>Recordings, as Arrow's own reader has them.</summary>
internal static class Recordings
{
    public static string NewPath() => Path.Combine(NamesDirectory.Path, $"{NamesDirectory.NewName("recording")}.arrows");

    /// <summary>Records what a channel holds: so many rows from the start.</summary>
    public static async Task<string> Of(string name, int rows, params string[] options)
    {
        string path = NewPath();
        Outcome outcome = await Command.Run(["record", name, "-o", path, "--from-start", "--count", $"{rows}", .. options]);
        return outcome.ExitCode == 0 ? path : throw new InvalidOperationException($"The recorder ended with {outcome}.");
    }

    /// <summary>Reads a whole file.</summary>
    public static (Schema Schema, RecordBatch[] Batches) Read(string path)
    {
        using ArrowStreamReader reader = new(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        Schema schema = reader.Schema;
        List<RecordBatch> batches = [];
        while (reader.ReadNextRecordBatch() is { } batch)
            batches.Add(batch);
        return (schema, [.. batches]);
    }

    /// <summary>A column of 64-bit integers.</summary>
    public static long[] Numbers(string path, string column) =>
        [.. Read(path).Batches.SelectMany(batch => ((Int64Array)batch.Column(column)).Values.ToArray())];
}
