using TypedShm;

namespace Switches;

internal static class Reader
{
    /// <summary>Reads a broadcast to its end.</summary>
    /// <param name="name">Which.</param>
    /// <param name="pause">What a slow reader does after each sample.</param>
    public static int Run(string name, Action pause)
    {
        using SharedBroadcastReader<Sample> samples = SharedBroadcast.Open<Sample>(name);
        long received = 0, gaps = 0, switches = 0, most = 0;
        while (samples.WaitToRead())
        {
            while (samples.TryRead(out Sample sample, out long lost))
            {
                received++;
                gaps += lost > 0 ? 1 : 0;
                switches += sample.New;
                most = Math.Max(most, sample.New);
                pause();
            }
        }

        Console.WriteLine($"process {Environment.ProcessId}: {received:N0} of {samples.Position:N0} samples, {samples.Lost:N0} lost in "
            + $"{gaps:N0} gaps; saw {switches:N0} context switches, at most {most} at once");

        // Every sample was received or is known to be lost.
        return received + samples.Lost == samples.Position - samples.Start ? 0 : 1;
    }
}
