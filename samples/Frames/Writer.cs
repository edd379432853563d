using System.Diagnostics;
using TypedShm;

namespace Camera;

internal static class Writer
{
    private const double FramesPerSecond = 240;

    /// <summary>Takes pictures at a steady rate, for a given time, and never waits for those who look at them.</summary>
    public static long Run(string name, TimeSpan duration, int readers = 0)
    {
        // Eight pictures of 2 MB, each of them on pages of its own.
        using SharedBroadcastWriter<Frame> frames = SharedBroadcast.Create<Frame>(name, new()
        {
            Capacity = 8,
            PayloadCapacity = Frame.FullWidth * Frame.FullHeight,
            PayloadAlignment = Environment.SystemPageSize,
            PublishTimes = true,
        });
        SpinWait.SpinUntil(() => frames.Peers.Count >= readers, TimeSpan.FromSeconds(10));

        long start = Stopwatch.GetTimestamp();
        TimeSpan drawing = TimeSpan.Zero;
        while (Stopwatch.GetElapsedTime(start) is var now && now < duration)
        {
            if (frames.Position > now.TotalSeconds * FramesPerSecond)
            {
                Thread.Sleep(1);
                continue;
            }

            // The picture is drawn in the memory where its readers see it.
            using BroadcastClaim<Frame> claim = frames.Claim();
            claim.View.Number = frames.Position;
            claim.View.Width = Frame.FullWidth;
            claim.View.Height = Frame.FullHeight;
            Draw(claim.Payload, frames.Position);
            claim.Commit(Frame.FullWidth * Frame.FullHeight);
            drawing += Stopwatch.GetElapsedTime(start) - now;
        }

        frames.Complete();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Console.WriteLine($"writer, process {Environment.ProcessId}: {frames.Position} frames, {frames.Position / seconds:F0} a "
            + $"second, {frames.Position / seconds * frames.PayloadCapacity / 1e6:F0} MB/s; drawing one takes "
            + $"{drawing.TotalMicroseconds / frames.Position:F0} µs");
        return frames.Position;
    }

    private static void Draw(Span<byte> pixels, long number)
    {
        pixels.Fill(Frame.Background(number));
        for (int y = 0; y < Frame.FullHeight; y++)
            pixels.Slice((y * Frame.FullWidth) + Frame.BarPosition(number), Frame.BarWidth).Fill(Frame.Bar(number));
    }
}
