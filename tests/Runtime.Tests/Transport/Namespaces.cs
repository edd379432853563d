using System.Diagnostics;

namespace TypedShm.Tests.Transport;

/// <summary>Two processes of the same user in two PID namespaces, as in two containers that share a directory.</summary>
public sealed class Namespaces(ITestOutputHelper output) : SharingTest(output)
{
    private static readonly string[] s_pid = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"];

    // Its own user namespace too, in which the user has the same id.
    private static readonly string[] s_user =
        ["unshare", "--user", "--map-current-user", "--pid", "--fork", "--mount-proc", "--kill-child"];

    [UnshareTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_process_of_another_pid_namespace_is_let_in(bool ownUsers)
    {
        string name = NewName();
        using SharedStructWriter<Telemetry> shared = SharedStruct.Create<Telemetry>(name);
        Peer peer = StartPeerBy(ownUsers ? s_user : s_pid);

        peer.Ask($"open {name}");

        SharedPeer connected = Assert.Single(shared.Peers);
        Assert.Equal(Native.UserId, connected.Identity.UserId);

        // It is in a namespace below this one, so this one has a number for it.
        Assert.NotEqual(0, connected.Identity.ProcessId);
    }

    [UnshareTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_process_opens_what_one_of_another_pid_namespace_has_created(bool ownUsers)
    {
        string name = NewName();
        StartPeerBy(ownUsers ? s_user : s_pid).Ask($"create {name}");

        using SharedStructReader<Telemetry> reader = SharedStruct.Open<Telemetry>(name);

        Assert.Equal(ConnectionState.Connected, reader.State);
    }

    /// <summary>Neither is below the other, so neither has a number for the other.</summary>
    [UnshareTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Two_processes_of_two_pid_namespaces_find_each_other(bool ownUsers)
    {
        string name = NewName();
        Peer creator = StartPeerBy(s_pid);
        Peer other = StartPeerBy(ownUsers ? s_user : s_pid);

        creator.Ask($"create {name}");
        other.Ask($"open {name}");
        other.Ask($"create {name}-back");
        creator.Ask($"open {name}-back");
    }

    private sealed class UnshareTheoryAttribute : TheoryAttribute
    {
        private static readonly string? s_obstacle = Obstacle();

        public UnshareTheoryAttribute() => Skip = s_obstacle;

        private static string? Obstacle()
        {
            foreach (string[] command in (string[][])[s_pid, s_user])
            {
                try
                {
                    using Process process =
                        Process.Start(new ProcessStartInfo(command[0], [.. command[1..], "true"]) { RedirectStandardError = true })!;
                    string error = process.StandardError.ReadToEnd();
                    process.WaitForExit();
                    if (process.ExitCode != 0)
                        return $"This machine does not let the user make namespaces: {error.Trim()}";
                }
                catch (System.ComponentModel.Win32Exception error)
                {
                    return $"There is no program to make namespaces with: {error.Message}";
                }
            }

            return null;
        }
    }
}
