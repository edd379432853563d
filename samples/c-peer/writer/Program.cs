// Creates a struct with a field of each kind, starts the peer in C, and checks what it prints: at first, after each of three
// signals, and at the end. Arguments are passed on to the peer. Once as usual, once as a struct that peers may write, which is
// in two regions.
using System.Diagnostics;
using System.Reflection;
using TypedShm;
using TypedShm.Samples.CPeer;

const string EndOfStruct = "--";
string program = Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>()
    .Single(attribute => attribute.Key == "Peer").Value!;
return Run(peersMayWrite: false) is var result and not 0 ? result : Run(peersMayWrite: true);

int Run(bool peersMayWrite)
{
    string name = $"c-peer-{Environment.ProcessId}";
    using SharedStructWriter<EveryKind> shared =
        SharedStruct.Create<EveryKind>(name, new SharedStructOptions { AllowPeersToWrite = peersMayWrite });
    shared.Value = EveryKind.Example;
    Console.WriteLine($"writer, process {Environment.ProcessId}: inode {shared.Region.Inode}, fingerprint "
        + $"{LayoutDescriptor.Of<EveryKind>().Fingerprint:x16}");

    using Process peer = Process.Start(new ProcessStartInfo(program, [name, .. args]) { RedirectStandardOutput = true })!;
    for (int round = 0; round <= 3; round++)
    {
        string[] expected = [$"Round = {round}", .. EveryKind.ExampleText.Split('\n')];
        if (!Expect(peer, expected))
            return Fail(peer, $"The peer should have printed, in round {round}:\n{string.Join('\n', expected)}");
        if (round < 3)
        {
            shared.View.Round.Increment();
            shared.Signal();
        }
    }

    shared.Dispose();
    string last = peer.StandardOutput.ReadToEnd();
    Console.Write(last);
    peer.WaitForExit();
    if (peer.ExitCode != 0 || last != "the writer has closed the struct\n")
        return Fail(peer, "The peer should have noticed that the struct was closed.");
    Console.WriteLine($"The peer read {EveryKind.ExampleText.Split('\n').Length + 1} fields of every kind, four "
        + $"times{(peersMayWrite ? ", from bare data" : "")}.");
    return 0;
}

// Whether the peer prints these lines, after anything else, and then the end of a struct.
bool Expect(Process peer, string[] expected)
{
    List<string> lines = [];
    while (peer.StandardOutput.ReadLine() is string line)
    {
        Console.WriteLine($"  {line}");
        if (line == EndOfStruct)
            return lines.TakeLast(expected.Length).SequenceEqual(expected);
        lines.Add(line);
    }

    return false;
}

int Fail(Process peer, string message)
{
    peer.Kill();
    peer.WaitForExit();
    Console.Error.WriteLine($"{message}\nIt ended with exit code {peer.ExitCode}.");
    return 1;
}
