using System.Globalization;

namespace TypedShm.Soak;

/// <summary>Runs plans one after another, each in two new processes, and adds up what they saw.</summary>
internal sealed class Driver(long messages, Fault fault, bool storm, TextWriter output)
{
    // What a run may allocate after its warm-up however long it is: timers, the thread pool, code that is compiled anew.
    private const long AllowedBytes = 512 * 1024;

    // Which side waits more is the scheduler's choice. One in a hundred is some hundreds of waits, in the shortest runs.
    private const double LeastSuspended = 0.01;

    private readonly Tally _sum = new();
    private int _count;

    public bool Failed { get; private set; }

    public async Task Run(Channel channel, Waits waits, Fences fences)
    {
        Plan plan = new(channel, waits, fences, messages, fault, $"soak-{Environment.ProcessId}-{_count++}");
        bool filterReader = _count % 2 == 0;
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(120 + (messages / 2_000)));
        using Side reader = Side.Start("read", plan, fences == Fences.Filtered && filterReader);
        using Side writer = Side.Start("write", plan, fences == Fences.Filtered && !filterReader);
        Tally read;
        Tally written;
        string weather = "";
        try
        {
            using Storm? signals = storm ? new Storm(_count, [reader.Process, writer.Process]) : null;
            Tally[] both = await Task.WhenAll(reader.Report(limit.Token), writer.Report(limit.Token)).ConfigureAwait(false);
            (read, written) = (both[0], both[1]);
            if (signals is not null)
                weather = $", {signals.Stops} stops, {signals.Signals} signals";
        }
        catch (OperationCanceledException)
        {
            read = new Tally { Complaint = "It took too long." };
            written = new Tally();
        }

        Judge(plan, read, written);
        _sum.Add(read);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{channel,-9} {waits,-13} {fences,-11} {Describe(read, written)}{weather}"));
        foreach (string? complaint in (string?[])[read.Complaint, written.Complaint])
        {
            if (complaint is not null)
                output.WriteLine($"  {complaint}");
        }
    }

    public void Conclude() => output.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{_count} runs, received {_sum.Received}, laps {_sum.Laps}, lapped {_sum.Lapped}, retries "
            + $"{_sum.Retries}\nlost {_sum.Lost} doubled {_sum.Doubled} torn {_sum.Torn} reordered {_sum.Reordered}"));

    private void Judge(Plan plan, Tally read, Tally written)
    {
        if (read.IsClean && written.IsClean && plan.Fault == Fault.None)
        {
            // A test that saw nothing of what makes a channel hard has not tested it.
            if (plan.Channel == Channel.Lossy && read.Laps == 0)
                read.Complaint = "The writer never lapped the reader.";
            else if (plan.Channel is Channel.Lossy or Channel.State && read.Retries == 0)
                read.Complaint = "Nothing was ever overwritten while it was read.";
            else if (plan.IsAsync && plan.Channel is (Channel.Queue or Channel.Lossless or Channel.Call)
                && Math.Min(Share(read), Share(written)) < LeastSuspended)
                read.Complaint = "Hardly any of the waits were suspended.";
            else if (read.Allocated > AllowedBytes || written.Allocated > AllowedBytes)
                read.Complaint = $"{read.Allocated} bytes were allocated by the reader and {written.Allocated} by the writer, after "
                    + "the warm-up.";
        }

        Failed |= !read.IsClean || !written.IsClean;
    }

    private static double Share(Tally tally) => tally.Waits == 0 ? 1 : (double)tally.Suspensions / tally.Waits;

    private static string Describe(Tally read, Tally written)
    {
        string rate = read.Seconds > 0 ? $"{read.Received / read.Seconds / 1e6:F2} M/s" : "";
        string suspended = read.Waits + written.Waits > 0 ? string.Create(CultureInfo.InvariantCulture,
            $", {Share(written):P0}/{Share(read):P0} of {written.Waits}/{read.Waits} waits suspended") : "";
        return string.Create(CultureInfo.InvariantCulture, $"{rate}, lost {read.Lost} doubled {read.Doubled} torn {read.Torn} "
            + $"reordered {read.Reordered}, laps {read.Laps}, retries {read.Retries}, allocated {written.Allocated}/{read.Allocated} "
            + $"B, slept {written.Sleeps}/{read.Sleeps} times{suspended}");
    }
}
