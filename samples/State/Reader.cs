using System.Diagnostics;
using TypedShm;

namespace Robot;

internal static class Reader
{
    private static readonly TimeSpan s_duration = TimeSpan.FromSeconds(2);

    /// <summary>Reads as often as it can, and checks each pose that it has read.</summary>
    public static int Run(string name)
    {
        using SharedStateReader<Pose> state = SharedState.Open<Pose>(name);
        using SharedStructReader<Pose> live = SharedStruct.Open<Pose>($"{name}.live");

        // What was published before the first pose is zeros, of generation 0.
        state.Read(out StateGeneration last);
        if (last.Version == 0)
            state.Wait(last);

        long reads = 0, poses = 0, retries = 0, torn = 0, backward = 0, tornLive = 0;
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < s_duration; reads++)
        {
            // state.Read() does the same, and tries again by itself; here we want to see how often that is needed.
            StateLease<Pose> lease = state.Lease();
            Pose pose = lease.Value;
            while (!lease.IsIntact)
            {
                retries++;
                lease = state.Lease();
                pose = lease.Value;
            }

            torn += pose.IsWhole ? 0 : 1;
            backward += lease.Generation.Version < last.Version ? 1 : 0;
            poses += lease.Generation.Version != last.Version ? 1 : 0;
            last = lease.Generation;

            // The same pose, but the writer changes it while we copy it.
            tornLive += live.Read().IsWhole ? 0 : 1;
        }

        Console.WriteLine($"reader, process {Environment.ProcessId}: {reads:N0} reads of {poses:N0} different poses, {retries:N0} "
            + $"retries, {torn} torn; of the live struct {tornLive:N0} torn");
        return torn == 0 && backward == 0 && poses > 1 ? 0 : 1;
    }
}
