namespace TypedShm.Interop;

/// <summary>
/// What this process can do with membarrier(2): be reached by the barriers of others, and issue them. Found out once, on a
/// thread of its own, because registering waits for every processor to pass through the scheduler.
/// </summary>
/// <param name="IsRegistered">Barriers of other processes reach this one.</param>
/// <param name="CanIssue">This process may issue them.</param>
internal sealed record Membarrier(bool IsRegistered, bool CanIssue)
{
    private static readonly Lazy<Task<Membarrier>> s_ofThisProcess = new(FindOut);

    /// <summary>The first use begins to find out. The task needs no thread of the pool to complete.</summary>
    public static Task<Membarrier> OfThisProcess => s_ofThisProcess.Value;

    private static Task<Membarrier> FindOut()
    {
        TaskCompletionSource<Membarrier> found = new();
        WorkThread.Run("TypedShm membarrier", () => found.SetResult(new Membarrier(Native.TryRegisterForBarriers(),
            Native.TryBarrierEverywhere())));
        return found.Task;
    }
}
