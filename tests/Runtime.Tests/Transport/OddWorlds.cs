using System.Diagnostics;

namespace TypedShm.Tests.Transport;

/// <summary>Two processes, one of which the kernel grants less, or shows other things.</summary>
public sealed class OddWorlds(ITestOutputHelper output) : SharingTest(output)
{
    private const int Rounds = 50;
    private const string NoExec = "--pid --fork --mount-proc --kill-child";
    private const string Clocks = "--time --fork --kill-child --boottime 86400 --monotonic 86400";

    /// <summary>As under seccomp profiles, which answer what they do not know with EPERM (1), or with ENOSYS (38).</summary>
    [Theory]
    [InlineData("membarrier=1")]
    [InlineData("membarrier=38")]
    [InlineData("futex_waitv=1")]
    [InlineData("futex_waitv=38")]
    [InlineData("membarrier=1 futex_waitv=38")]
    public async Task Without_some_system_calls(string refused)
    {
        string[] launcher = [Peer.DotNet, TestPeerProgram, "refused", .. refused.Split(' ')];
        await Converse(launcher);
        await ReadsFromSeveral(launcher);
    }

    /// <summary>A memfd is no locked memory.</summary>
    [Fact]
    public Task Without_locked_memory() => Converse(By("bash", "-c", "ulimit -l 0; exec \"$@\"", "bash"));

    /// <summary>Where the kernel makes no memfd that could be executed.</summary>
    [UnshareFact(NoExec)]
    public Task Without_executable_memfds() => Converse(By(
        ["unshare", .. NoExec.Split(' '), "bash", "-c", "echo 2 >/proc/sys/vm/memfd_noexec && exec \"$@\"", "bash"]));

    [UnshareFact("--net")]
    public Task Over_a_path_in_another_network_namespace() => Converse(By("unshare", "--net"));

    [UnshareFact("--net")]
    public void An_abstract_name_of_another_network_namespace_is_not_there()
    {
        string name = $"@typedshm-{NewName()}-{Environment.ProcessId}";
        StartPeerBy("unshare", "--net").Ask($"create {name}");

        Assert.False(SharedStruct.TryOpen<Telemetry>(name, out _));
        using SharedStructWriter<Telemetry> ours = SharedStruct.Create<Telemetry>(name);
    }

    /// <summary>A day apart by the clock that deadlines are of.</summary>
    [UnshareFact(Clocks)]
    public async Task Across_clocks_that_differ()
    {
        await Converse(By(["unshare", .. Clocks.Split(' ')]));
        await ReadsFromSeveral(By(["unshare", .. Clocks.Split(' ')]));
    }

    /// <summary>Each sees the other as somebody without an id, who is nobody's user.</summary>
    [UnshareFact("--user")]
    public async Task Who_has_no_user_id_here_is_refused()
    {
        string name = NewName();
        using SharedStructWriter<Telemetry> shared = SharedStruct.Create<Telemetry>(name);
        Peer stranger = StartPeerBy("unshare", "--user");

        Assert.StartsWith("PeerRefusedException", stranger.AskInVain($"open {name}"), StringComparison.Ordinal);
        stranger.Ask($"create {name}-theirs");
        Assert.Throws<PeerRefusedException>(() => SharedStruct.Open<Telemetry>($"{name}-theirs"));
        await Until(() => shared.Peers.Count == 0, "nobody is there");
    }

    [Fact]
    public void A_child_inherits_nothing()
    {
        string[] before = Held("self");
        string name = NewName();
        using SharedStructWriter<Telemetry> shared = SharedStruct.Create<Telemetry>(name, new() { AllowPeersToWrite = true });
        using SharedStructReader<Telemetry> reader = SharedStruct.Open<Telemetry>(name);
        string[] own = [.. Held("self").Except(before)];
        using Process child = Process.Start(
            new ProcessStartInfo("bash", ["-c", "read"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        string[] childs = Held($"{child.Id}");
        child.StandardInput.Close();
        child.WaitForExit();

        Assert.Contains(own, held => held.StartsWith("/memfd:typedshm", StringComparison.Ordinal));
        Assert.Contains(own, held => held.StartsWith("socket:", StringComparison.Ordinal));
        Assert.Contains(own, held => held.EndsWith(".lock", StringComparison.Ordinal));
        Assert.Empty(childs.Intersect(own));

        static string[] Held(string process) =>
            [.. Directory.GetFiles($"/proc/{process}/fd").Select(file => new FileInfo(file).LinkTarget).OfType<string>()];
    }

    private static string[] By(params string[] launcher) => [.. launcher, Peer.DotNet, TestPeerProgram];

    /// <summary>The other process opens what this one has created, and the other way round; both wait for each other.</summary>
    private async Task Converse(string[] command)
    {
        foreach (string echo in (string[])["echo", "echo-async"])
        {
            string there = NewName();
            string back = NewName();
            SharedStructWriter<Telemetry> question = SharedStruct.Create<Telemetry>(there);
            Peer peer = StartPeerAs(command);
            Task<string> answers = peer.Begin($"{echo} {there} {back} {Rounds}");
            using (SharedStructReader<Telemetry> answer = await SharedStruct.OpenAsync<Telemetry>(back, new() { Timeout = Peer.Patience }))
            {
                await Until(() => question.Peers.Count == 1, "the other one has opened it");
                for (long i = 1; i <= Rounds; i++)
                {
                    Volatile.Write(ref question.Value.Tick, i);
                    question.Signal();
                    while (Volatile.Read(in answer.Value.Tick) < i)
                        Assert.True(answer.TryWait(Peer.Patience));
                }

                question.Dispose();
                Assert.Equal($"{Rounds} answered", await Soon(answers));
            }
        }
    }

    /// <summary>A reader sleeps on the lanes of several writers at once.</summary>
    private async Task ReadsFromSeveral(string[] command)
    {
        const int Writers = 3;
        string name = NewName();
        Peer peer = StartPeerAs(command);
        Task<string> sum = peer.Begin($"read-queue {name} {Writers * 10}");
        SharedQueueWriter<Telemetry>[] writers = [.. Enumerable.Range(0, Writers)
            .Select(_ => SharedQueue.OpenWriter<Telemetry>(name, new() { Timeout = Peer.Patience }))];
        for (int i = 0; i < Writers * 10; i++)
        {
            writers[i % Writers].Write(Telemetry.Of(i));
            await Task.Delay(3);
        }

        Assert.Equal($"{Enumerable.Range(0, Writers * 10).Sum()}", await Soon(sum));
        Array.ForEach(writers, writer => writer.Dispose());
    }
}

/// <summary>A fact for machines where unshare(1) with these options is allowed; skipped elsewhere, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class UnshareFactAttribute : FactAttribute
{
    public UnshareFactAttribute(string options)
    {
        try
        {
            using Process process =
                Process.Start(new ProcessStartInfo("unshare", [.. options.Split(' '), "true"]) { RedirectStandardError = true })!;
            string error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0)
                Skip = $"This machine does not let the user make such namespaces: {error.Trim()}";
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            Skip = $"There is no program to make namespaces with: {error.Message}";
        }
    }
}
