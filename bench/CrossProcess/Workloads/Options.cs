namespace TypedShm.CrossProcess.Workloads;

/// <summary>The options of the ends that are measured.</summary>
internal static class Options
{
    public const int Capacity = 1024;

    public static SharedQueueOptions Queue(WaitMode wait) => new() { Capacity = Capacity, Wait = wait };

    public static OpenOptions Open(WaitMode wait) => new() { Wait = wait };
}
