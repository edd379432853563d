namespace TypedShm.TestPeer;

/// <summary>Methods for the JIT to compile, so that a test can read what it makes of a view.</summary>
internal static class Codegen
{
    public static void Run() => Console.WriteLine("nothing yet");
}
