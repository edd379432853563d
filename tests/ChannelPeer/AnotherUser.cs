using System.ComponentModel;
using System.Runtime.InteropServices;
using TypedShm.TestMessages;

namespace TypedShm.ChannelPeer;

/// <summary>What the other process does as a user who is not that of the test, which is root.</summary>
internal static partial class AnotherUser
{
    private const int Messages = 8;

    public static void Run(string name, uint user, string kind, int payload)
    {
        if (setuid(user) != 0)
            throw new Win32Exception();
        OpenOptions open = new() { AllowedOwner = PeerPolicy.Users(0) };
        switch (kind)
        {
            case "broadcast":
            {
                using SharedBroadcastReader<Quote> reader = SharedBroadcast.Open<Quote>(name, open);
                Output.Say("open");
                while (reader.Position < reader.Start + Messages)
                    reader.Read();
                Output.Say("read");
                Console.ReadLine();
                break;
            }

            case "reader":
                Read(SharedQueue.OpenReader<Quote>(name, open));
                break;

            case "create-reader":
                Read(SharedQueue.CreateReader<Quote>(
                    name, new() { Capacity = 2, PayloadCapacity = payload, AllowedPeers = PeerPolicy.Users(0) }));
                break;

            default:
                throw new ArgumentException($"There is no '{kind}' here.");
        }
    }

    private static void Read(SharedQueueReader<Quote> reader)
    {
        using (reader)
        {
            Output.Say("open");
            for (int i = 0; i < Messages; i++)
                reader.Read();
            Output.Say("read");
            Console.ReadLine();
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setuid(uint user);
}
