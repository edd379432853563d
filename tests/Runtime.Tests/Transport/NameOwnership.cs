using System.Collections.Concurrent;

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
    [InlineData(".sock")]
    [InlineData(".sock.lock")]
    [InlineData("")]
    public async Task A_name_that_was_removed_is_taken_again(string removed)
    {
        string directory = Directory.CreateTempSubdirectory("typedshm-lost-").FullName;
        string path = $"{directory}/engine.sock";
        using SharedStructWriter<Telemetry> shared = SharedStruct.Create<Telemetry>(path);
        using SharedStructReader<Telemetry> before = SharedStruct.Open<Telemetry>(path);

        Remove(directory, removed);

        await Until(() => File.Exists(path) && File.Exists(path + ".lock"), "the name is taken again");
        using SharedStructReader<Telemetry> after = SharedStruct.Open<Telemetry>(path);
        Assert.Throws<EndpointInUseException>(() => SharedStruct.Create<Telemetry>(path));
        Assert.Equal(ConnectionState.Connected, before.State);
        shared.Dispose();
        Assert.Empty(Directory.GetFileSystemEntries(directory));
        Directory.Delete(directory);
    }

    [Theory]
    [InlineData(".sock.lock")]
    [InlineData("")]
    public async Task Of_two_who_have_the_same_name_one_is_told_and_takes_nothing_from_the_other(string removed)
    {
        string directory = Directory.CreateTempSubdirectory("typedshm-lost-").FullName;
        string path = $"{directory}/engine.sock";
        using SharedStructWriter<Telemetry> first = SharedStruct.Create<Telemetry>(path);
        ConcurrentQueue<PeerRefusedEventArgs> told = new();
        first.PeerRefused += (_, refused) => told.Enqueue(refused);

        // Unless the first one is quicker, and the second one is told at once.
        SharedStructWriter<Telemetry>? second = null;
        while (second is null)
        {
            try
            {
                Remove(directory, removed);
                second = SharedStruct.Create<Telemetry>(path);
            }
            catch (EndpointInUseException)
            {
            }
        }

        using (second)
        {
            await Until(() => !told.IsEmpty, "the first one is told");
            Assert.All(told, refused => Assert.IsType<EndpointInUseException>(refused.Reason));
            Assert.Equal(Environment.ProcessId, Assert.Single(told).Identity.ProcessId);
            first.Dispose();
            using SharedStructReader<Telemetry> reader = SharedStruct.Open<Telemetry>(path);
            await Until(() => second.Peers.Count == 1, "the reader is at the second one");
        }

        Directory.Delete(directory);
    }

    [Fact]
    public async Task Who_cannot_take_the_name_again_is_told_why()
    {
        string directory = Directory.CreateTempSubdirectory("typedshm-lost-").FullName;
        using SharedStructWriter<Telemetry> shared = SharedStruct.Create<Telemetry>($"{directory}/engine.sock");
        ConcurrentQueue<PeerRefusedEventArgs> told = new();
        shared.PeerRefused += (_, refused) => told.Enqueue(refused);

        Directory.Delete(directory, recursive: true);

        await Until(() => !told.IsEmpty, "it is told");
        Assert.Contains("does not exist", Assert.Single(told).Reason.Message, StringComparison.Ordinal);
        Directory.CreateDirectory(directory);
        await Until(() => File.Exists($"{directory}/engine.sock"), "the name is taken again");
        shared.Dispose();
        Directory.Delete(directory);
    }

    private static void Remove(string directory, string what)
    {
        if (what.Length > 0)
        {
            File.Delete($"{directory}/engine{what}");
            return;
        }

        Directory.Delete(directory, recursive: true);
        Directory.CreateDirectory(directory);
    }

    [Theory]
    [InlineData("/", "directory")]
    [InlineData("/tmp", "directory")]
    [InlineData("/tmp/", "directory")]
    [InlineData("~/engine", "shell")]
    public void A_name_that_can_be_no_socket_is_refused_with_a_reason(string name, string reason)
    {
        Assert.Contains(reason, Assert.Throws<ArgumentException>(() => SharedStruct.Create<Telemetry>(name)).Message,
            StringComparison.Ordinal);
        Assert.Contains(reason, Assert.Throws<ArgumentException>(() => SharedStruct.Open<Telemetry>(name)).Message,
            StringComparison.Ordinal);
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
        using SharedStructWriter<Telemetry> refusing =
            SharedStruct.Create<Telemetry>(closed, new SharedStructOptions { AllowedPeers = nobody });

        PeerRefusedException here =
            Assert.Throws<PeerRefusedException>(() => SharedStruct.Open<Telemetry>(name, new OpenOptions { AllowedOwner = nobody }));
        PeerRefusedException there = Assert.Throws<PeerRefusedException>(() => SharedStruct.Open<Telemetry>(closed));

        Assert.Contains("OpenOptions.AllowedOwner", here.Message, StringComparison.Ordinal);
        Assert.Contains("ChannelOptions.AllowedPeers", there.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_creator_that_asks_for_more_memory_than_allowed_is_refused_before_it_is_allocated()
    {
        string name = NewName();
        using SharedQueueReader<Telemetry> reader =
            SharedQueue.CreateReader<Telemetry>(name, new SharedQueueOptions { Capacity = 1 << 16 });

        PeerRefusedException error = Assert.Throws<PeerRefusedException>(
            () => SharedQueue.OpenWriter<Telemetry>(name, new OpenOptions { MaxMemory = 1 << 20 }));

        Assert.Equal(RefusalReason.TooLarge, error.Reason);
        Assert.Contains("OpenOptions.MaxMemory", error.Message, StringComparison.Ordinal);
    }
}
