using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading.Channels;
using TypedShm;

namespace Hashing;

/// <summary>
/// Reads what three producers find out, and looks for files that are there twice. One of the producers does not live to the end of it.
/// </summary>
internal static class Consumer
{
    private const int Producers = 3;
    private const int Capacity = 64;

    public static int Run()
    {
        // The folder that the runtime itself was installed to: …/shared/Microsoft.NETCore.App/10.0.0/ is three levels down.
        string folder = Path.GetFullPath("../../..", RuntimeEnvironment.GetRuntimeDirectory());
        string name = $"hashes-{Environment.ProcessId}";

        // Each producer gets a lane of its own, with room for some messages, and for a path in each of them. The queue is complete when
        // all have completed it but the one that is killed: a quick one cannot end it before a slow one has come.
        using SharedQueueReader<FileHash> queue =
            SharedQueue.CreateReader<FileHash>(name, new() { Capacity = Capacity, PayloadCapacity = 4096, Writers = Producers - 1 });
        Process[] producers = [.. Enumerable.Range(0, Producers).Select(index => Start("hash", name, folder, $"{index}", $"{Producers}"))];

        Process victim = producers[0];
        Dictionary<int, Tally> tallies = producers.ToDictionary(producer => producer.Id, _ => new Tally());
        Dictionary<string, string> firsts = [];
        long twice = 0, wasted = 0, before = -1;
        while (queue.WaitToRead())
        {
            // In place. The slot is the producer's again when the lease is disposed.
            using Lease<FileHash> lease = queue.Lease();
            int process = lease.Peer.Identity.ProcessId;
            if (!tallies[process].Add(lease.View.Number, lease.View.Length))
                return Fail($"Message {lease.View.Number} of process {process} is not its next one.");

            string hash = Convert.ToHexString(lease.View.Hash);
            if (lease.View.Length > 0 && !firsts.TryAdd(hash, Encoding.UTF8.GetString(lease.Payload)))
            {
                twice++;
                wasted += lease.View.Length;
            }

            if (before < 0 && tallies[victim.Id].Files == 200)
            {
                // More messages than two lanes have room for: some are the victim's, which it has committed and nobody has read.
                ChannelReader<FileHash> unread = queue.AsChannelReader();
                SpinWait.SpinUntil(() => unread.Count > (Producers - 1) * Capacity, TimeSpan.FromSeconds(10));
                victim.Kill();
                victim.WaitForExit();
                before = tallies[victim.Id].Files;
            }
        }

        foreach (Process producer in producers.Where(producer => producer != victim))
        {
            string said = producer.StandardOutput.ReadToEnd().Trim();
            Tally tally = tallies[producer.Id];
            Console.WriteLine($"producer, {said}");
            if (said != Producer.Summary(producer.Id, tally.Files, tally.Bytes))
                return Fail($"The reader has received {tally.Files:N0} files, {tally.Bytes:N0} bytes of it.");
        }

        long after = tallies[victim.Id].Files - before;
        Console.WriteLine($"producer, process {victim.Id}: killed when {before:N0} of its messages were read, {after:N0} more were "
            + "read after its death");
        Console.WriteLine($"reader, process {Environment.ProcessId}: {tallies.Values.Sum(tally => tally.Files):N0} files below "
            + $"{folder}, {twice:N0} of them copies of others, {wasted:N0} bytes");
        return before > 0 && after > 0 ? 0 : Fail("Nothing that was committed before the death was read after it.");
    }

    private static Process Start(params string[] arguments) =>
        Process.Start(new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardOutput = true })!;

    private static int Fail(string message)
    {
        Console.Error.WriteLine(message);
        return 1;
    }

    /// <summary>What was received of one producer.</summary>
    private sealed class Tally
    {
        public long Files { get; private set; }

        public long Bytes { get; private set; }

        /// <returns>False if a message is missing, or came twice.</returns>
        public bool Add(long number, long length)
        {
            Bytes += length;
            return number == Files++;
        }
    }
}
