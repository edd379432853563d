using System.Globalization;

namespace TypedShm.Samples.UnderTheHood;

/// <summary>The second process: opens the struct, says what it has, and then looks whenever it is asked to.</summary>
internal static class Reader
{
    public static unsafe int Run(string name, bool copy)
    {
        using SharedStructReader<Note> shared = SharedStruct.Open<Note>(name);
        Mapped mapped = copy
            ? Kernel.MapCopy(shared.Region.Bytes, (int)shared.Region.DataOffset)
            : new Mapped(Environment.ProcessId, Kernel.Number(shared.Region.Descriptor),
                shared.Region.Address + (nint)shared.Region.DataOffset);

        Note.ReadOnlySharedView view = new(in *(Note*)mapped.Address);
        _ = view.Number.Read();
        Console.WriteLine(mapped);
        while (Console.ReadLine() is not null)
            Console.WriteLine(view.Number.Read().ToString(CultureInfo.InvariantCulture));
        return 0;
    }
}
