using System.Diagnostics;
using TypedShm.TestKit;
using Xunit;

namespace TypedShm.Tool.Tests;

/// <summary>A test that needs Python with pyarrow, and is skipped where it cannot be imported.</summary>
internal sealed class PyArrowFactAttribute : FactAttribute
{
    public PyArrowFactAttribute()
    {
        try
        {
            ProcessStartInfo start = new("python3", ["-c", "import pyarrow"]) { RedirectStandardError = true };
            using Process python = Process.Start(start)!;
            python.StandardError.ReadToEnd();
            python.WaitForExit();
            if (python.ExitCode != 0)
                Skip = "python3 cannot import pyarrow here.";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Skip = "There is no python3 here.";
        }
    }
}

/// <summary>A recording as a program reads it that has nothing of this library.</summary>
public sealed class PyArrowTests
{
    private const string Program =
        """
        import sys, pyarrow as pa
        table = pa.ipc.open_stream(pa.OSFile(sys.argv[1])).read_all()
        table.validate(full=True)
        print(table.num_rows, table["Text"][0], table["Vector3"][2].as_py(), table["Inners"][0].as_py()[1]["Number"],
              table["Date"][0], table.schema.metadata[b"typedshm.kind"].decode(), sep="|")
        """;

    [PyArrowFact]
    public async Task Pyarrow_reads_every_kind_of_field()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, "everything");
        peer.Ask("3");
        string path = await Recordings.Of(name, 3);
        using Process python = Process.Start(new ProcessStartInfo("python3", ["-c", Program, path])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;

        Outcome outcome = await Command.End(python);

        Assert.Equal("", outcome.Errors);
        Assert.Equal("3|\"Zoë\", 1|[3.25, 1.0, 2.0]|2|1969-12-25|broadcast\n", outcome.Output);
    }
}
