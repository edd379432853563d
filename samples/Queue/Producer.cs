using System.Security.Cryptography;
using System.Text;
using TypedShm;

namespace Hashing;

internal static class Producer
{
    /// <summary>
    /// Hashes every <paramref name="count"/>th file of a folder, beginning with file <paramref name="index"/>, and sends what it finds
    /// out.
    /// </summary>
    public static int Run(string name, string folder, int index, int count)
    {
        using SharedQueueWriter<FileHash> queue = SharedQueue.OpenWriter<FileHash>(name);
        long files = 0, bytes = 0;
        foreach (string path in Files(folder).Where((_, i) => i % count == index))
        {
            using FileStream file = File.OpenRead(path);

            // A slot of the queue, once there is one. The message is made in place: the hash is written straight into shared memory.
            // Should we be killed before the commit, there is no such message.
            using Claim<FileHash> claim = queue.Claim();
            claim.View.Number = files;
            claim.View.Length = file.Length;
            SHA256.HashData(file, claim.View.Hash);
            claim.Commit(payloadLength: Encoding.UTF8.GetBytes(path, claim.Payload));
            files++;
            bytes += file.Length;
        }

        // Without this the reader would wait for a successor of this producer.
        queue.Complete();
        Console.WriteLine(Summary(Environment.ProcessId, files, bytes));
        return 0;
    }

    /// <summary>What a producer says at its end; what the reader has received must agree with it.</summary>
    public static string Summary(int process, long files, long bytes) => $"process {process}: {files:N0} files, {bytes:N0} bytes";

    private static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(
            folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint });
}
