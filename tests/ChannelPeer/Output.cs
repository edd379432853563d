namespace TypedShm.ChannelPeer;

/// <summary>What the other process tells the test.</summary>
internal static class Output
{
    public static void Say(string what)
    {
        Console.WriteLine(what);
        Console.Out.Flush();
    }
}
