namespace TypedShm.ChannelPeer;

/// <summary>What this process holds of regions.</summary>
internal readonly record struct Held(int Descriptors, int Mappings)
{
    public static Held Now() => new(
        Directory.GetFileSystemEntries("/proc/self/fd").Count(IsRegion),
        File.ReadLines("/proc/self/maps").Count(line => line.Contains("/memfd:typedshm", StringComparison.Ordinal)));

    /// <summary>Waits until nothing more is held than this: what the ends of connections hold is given up on threads of the pool.</summary>
    /// <returns>"fine", or what is held.</returns>
    public string ComesBack()
    {
        Held now;
        long deadline = Environment.TickCount64 + 60_000;
        while (((now = Now()).Descriptors > Descriptors || now.Mappings > Mappings) && Environment.TickCount64 < deadline)
            Thread.Sleep(5);
        return now.Descriptors <= Descriptors && now.Mappings <= Mappings ? "fine" : $"{this} before, {now} now";
    }

    private static bool IsRegion(string descriptor)
    {
        try
        {
            return new FileInfo(descriptor).LinkTarget?.Contains("memfd:typedshm", StringComparison.Ordinal) ?? false;
        }
        catch (IOException)
        {
            // What is listed but closed by now was that which listed it.
            return false;
        }
    }
}
