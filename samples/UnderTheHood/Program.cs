using System.Diagnostics;
using TypedShm;
using TypedShm.Samples.UnderTheHood;

// The writer, which starts this program a second time as the reader; with --copy, the reader keeps a copy of the memory and
// shows that one instead.
try
{
    return args switch
    {
        ["read", string name] => Reader.Run(name, copy: false),
        ["read", string name, "--copy"] => Reader.Run(name, copy: true),
        [] => Tour(copy: false),
        ["--copy"] => Tour(copy: true),
        _ => throw new InvalidOperationException("UnderTheHood takes no argument but --copy."),
    };
}
catch (Exception error) when (error is InvalidOperationException or IOException or SharedMemoryException)
{
    Console.Error.WriteLine(error.Message);
    return 2;
}

static int Tour(bool copy)
{
    string name = $"under-the-hood-{Environment.ProcessId}";
    using SharedStructWriter<Note> shared = SharedStruct.Create<Note>(name);
    shared.View.Text.Set("written before the reader came");

    string[] arguments = copy ? ["read", name, "--copy"] : ["read", name];
    using Process process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true
    })!;
    Mapped writer = new(Environment.ProcessId, Kernel.Number(shared.Region.Descriptor),
        shared.Region.Address + (nint)shared.Region.DataOffset);
    Mapped reader = Mapped.Parse(process.Id, process.StandardOutput.ReadLine()
        ?? throw new InvalidOperationException("The reader ended without a word."));
    bool isOne;
    try
    {
        Steps.File(shared.Region, writer);
        Steps.Seals(shared.Region);
        bool isOneFile = Steps.Descriptors(writer, reader);
        Steps.Mappings(writer, reader);
        isOne = Steps.Store(shared, process) & Steps.Frames(writer, reader, isOneFile);
    }
    finally
    {
        // The end of its input is the reader's end.
        process.StandardInput.Close();
        process.WaitForExit();
    }

    return isOne ? 0 : 1;
}
