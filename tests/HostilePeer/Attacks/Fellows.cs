using TypedShm.HostilePeer.Raw;

namespace TypedShm.HostilePeer.Attacks;

/// <summary>A reader that wants to change what its fellow readers read. The kernel lets it do none of it.</summary>
internal sealed unsafe class FellowAttack : Attack
{
    private const int PunchHole = 3;
    private const int AddSeals = 1033;

    public override string Name => "fellow";

    public override string What => "readers that try to write, shrink, grow, punch holes into and reopen what they share with others";

    public override int Weight => 6;

    public override void Run(Input input)
    {
        Endpoint endpoint = input.Server("struct", "state", "table", "broadcast", "lossless", "queue-out", "call");
        using RawClient? client = RawClient.Open(input, endpoint);
        if (client is null)
            return;
        foreach (RawMapping region in client.Received)
        {
            string? done = TryEverything(region);
            input.Require(done is null, $"a reader of '{endpoint.Name}' has {done} a region of kind {region.Info.Kind}");
        }

        input.Outcome("refused by the kernel");
    }

    // What it could do; null for nothing.
    private static string? TryEverything(RawMapping region)
    {
        int descriptor = region.Descriptor;
        nint size = (nint)region.Info.Size;
        byte one = 1;
        if (Sys.mmap(null, size, Sys.ReadWrite, 1, descriptor, 0) != (void*)-1)
            return "mapped for writing";
        if (Sys.mprotect(region.Address, size, Sys.ReadWrite) == 0)
            return "made writable";
        if (Sys.pwrite(descriptor, &one, 1, 0) >= 0)
            return "written";
        if (Sys.ftruncate(descriptor, 0) == 0 || Sys.ftruncate(descriptor, size * 2) == 0)
            return "resized";
        if (Sys.fallocate(descriptor, PunchHole, 0, size) == 0)
            return "punched holes into";
        if (Sys.fcntl(descriptor, AddSeals, Sys.SealWrite) == 0)
            return "sealed";
        int reopened = Sys.open($"/proc/self/fd/{descriptor}", 2 | Sys.CloseOnExec, 0);
        if (reopened < 0)
            return null;

        // Same user: it opens, and what can be written through it is what the seals leave, which is nothing.
        try
        {
            if (Sys.mmap(null, size, Sys.ReadWrite, 1, reopened, 0) != (void*)-1)
                return "reopened and mapped for writing";
            if (Sys.pwrite(reopened, &one, 1, 0) >= 0)
                return "reopened and written";
            return Sys.fallocate(reopened, PunchHole, 0, size) == 0 ? "reopened and punched holes into" : null;
        }
        finally
        {
            _ = Sys.close(reopened);
        }
    }
}
