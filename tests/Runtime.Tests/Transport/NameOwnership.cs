namespace TypedShm.Tests.Transport;

/// <summary>What becomes of files and directories that endpoints need, and who is let in.</summary>
public sealed class NameOwnership(ITestOutputHelper output) : SharingTest(output)
{
    [Fact]
    public void A_file_that_is_no_socket_is_never_replaced()
    {
        string path = $"{NamesDirectory.Path}/{NewName("report")}.csv";
        File.WriteAllText(path, "precious");

        SharedMemoryException error = Assert.Throws<SharedMemoryException>(() => SharedStruct.Create<Telemetry>(path));

        Assert.Contains("is no socket", error.Message, StringComparison.Ordinal);
        Assert.Equal("precious", File.ReadAllText(path));
    }

    [Fact]
    public void Nothing_is_left_of_a_name_after_it_is_given_up()
    {
        string name = NewName();
        SharedStruct.Create<Telemetry>(name).Dispose();

        Assert.Empty(Directory.GetFiles(NamesDirectory.Path, $"{name}*"));
    }

    [Fact]
    public async Task Many_who_take_and_give_up_a_name_at_once_never_own_it_together()
    {
        string name = NewName();
        int owners = 0;
        int taken = 0;
        Task[] contenders = [.. Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
            () =>
            {
                while (Volatile.Read(ref taken) < 200)
                {
                    try
                    {
                        using SharedStructWriter<Telemetry> shared = SharedStruct.Create<Telemetry>(name);
                        Assert.Equal(1, Interlocked.Increment(ref owners));
                        Interlocked.Increment(ref taken);
                        Interlocked.Decrement(ref owners);
                    }
                    catch (EndpointInUseException)
                    {
                    }
                }
            },
            TaskCreationOptions.LongRunning))];

        await Soon(Task.WhenAll(contenders));
    }

    [Fact]
    public async Task A_creator_whose_directory_is_gone_disposes_all_the_same()
    {
        string directory = Directory.CreateTempSubdirectory("typedshm-gone-").FullName;
        SharedStructWriter<Telemetry> shared = SharedStruct.Create<Telemetry>($"{directory}/engine");
        using SharedStructReader<Telemetry> reader = SharedStruct.Open<Telemetry>($"{directory}/engine");
        Directory.Delete(directory, recursive: true);

        shared.Dispose();

        await Until(() => reader.State == ConnectionState.Closed, "the reader is told");
    }

    [Theory]
    [InlineData("/", "directory")]
    [InlineData("/tmp", "directory")]
    [InlineData("/tmp/", "directory")]
    [InlineData("~/engine", "shell")]
    public void A_name_that_can_be_no_socket_is_refused_with_a_reason(string name, string reason)
    {
        Assert.Contains(reason, Assert.Throws<ArgumentException>(() => SharedStruct.Create<Telemetry>(name)).Message, StringComparison.Ordinal);
        Assert.Contains(reason, Assert.Throws<ArgumentException>(() => SharedStruct.Open<Telemetry>(name)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_that_the_user_named_is_not_made_silently()
    {
        string missing = $"{NamesDirectory.Path}/{NewName("missing")}";

        SharedMemoryException error = Assert.Throws<SharedMemoryException>(() => SharedStruct.Create<Telemetry>($"{missing}/engine"));

        Assert.Contains("does not exist", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(missing));
    }

    /// <summary>As in a container with another PID namespace: the kernel gives the user, and 0 for the process.</summary>
    [Fact]
    public void The_user_decides_about_a_process_that_has_no_id_here()
    {
        PeerIdentity elsewhere = new(0, Native.UserId, 0, [], "?");
        PeerIdentity unmapped = new(0, 65534, 65534, [], "?");

        Assert.True(PeerPolicy.SameUser.Allows(elsewhere));
        Assert.True(PeerPolicy.Users(Native.UserId).Allows(elsewhere));
        Assert.False(PeerPolicy.Where("process 1", peer => peer.ProcessId == 1).Allows(elsewhere));
        Assert.False(PeerPolicy.Where("anyone", _ => true).Allows(unmapped));
        Assert.Contains("another PID namespace", elsewhere.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Whoever_is_refused_is_told_by_which_option()
    {
        PeerPolicy nobody = PeerPolicy.Where("nobody", _ => false);
        string name = NewName();
        using SharedStructWriter<Telemetry> shared = SharedStruct.Create<Telemetry>(name);
        string closed = NewName();
        using SharedStructWriter<Telemetry> refusing = SharedStruct.Create<Telemetry>(closed, new SharedStructOptions { AllowedPeers = nobody });

        PeerRefusedException here = Assert.Throws<PeerRefusedException>(() => SharedStruct.Open<Telemetry>(name, new OpenOptions { AllowedOwner = nobody }));
        PeerRefusedException there = Assert.Throws<PeerRefusedException>(() => SharedStruct.Open<Telemetry>(closed));

        Assert.Contains("OpenOptions.AllowedOwner", here.Message, StringComparison.Ordinal);
        Assert.Contains("ChannelOptions.AllowedPeers", there.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_creator_that_asks_for_more_memory_than_allowed_is_refused_before_it_is_allocated()
    {
        string name = NewName();
        using SharedQueueReader<Telemetry> reader = SharedQueue.CreateReader<Telemetry>(name, new SharedQueueOptions { Capacity = 1 << 16 });

        PeerRefusedException error = Assert.Throws<PeerRefusedException>(
            () => SharedQueue.OpenWriter<Telemetry>(name, new OpenOptions { MaxMemory = 1 << 20 }));

        Assert.Equal(RefusalReason.TooLarge, error.Reason);
        Assert.Contains("OpenOptions.MaxMemory", error.Message, StringComparison.Ordinal);
    }
}
