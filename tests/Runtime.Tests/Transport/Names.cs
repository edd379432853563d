using System.Net.Sockets;

namespace TypedShm.Tests.Transport;

/// <summary>Names of endpoints, and who may have them.</summary>
public sealed class Names(ITestOutputHelper output) : SharingTest(output)
{
    // TYPEDSHM_RACES asks for more.
    private static readonly int s_races = int.Parse(Environment.GetEnvironmentVariable("TYPEDSHM_RACES") ?? "5", null);

    [Theory]
    [InlineData("engine")]
    [InlineData("7.engine_A-b")]
    [InlineData("@engine of the abstract kind")]
    [InlineData("./relative")]
    public void Legal_names_are_found_by_a_peer(string name)
    {
        Peer creator = StartPeer();
        name = name[0] == '.' ? Path.GetRelativePath(Environment.CurrentDirectory, $"{NamesDirectory.Path}/{NewName("path")}") : name;
        name = name.Replace(' ', '_');
        creator.Ask($"create {name}");
        creator.Ask("write 12");

        using SharedStructReader<Telemetry> reader = SharedStruct.Open<Telemetry>(name);

        Assert.Equal("12", reader.Read().Describe());
    }

    [Theory]
    [InlineData("")]
    [InlineData("-engine")]
    [InlineData(".engine")]
    [InlineData("_engine")]
    [InlineData("en gine")]
    [InlineData("en:gine")]
    [InlineData("en\ngine")]
    [InlineData("\u00E9ngine")]
    [InlineData("@")]
    [InlineData("engine\0")]
    [InlineData("@engine\0")]
    public void Illegal_names_are_refused_before_anything_is_made(string name)
    {
        Assert.Throws<ArgumentException>(() => SharedStruct.Create<Telemetry>(name));
        Assert.Throws<ArgumentException>(() => SharedStruct.Open<Telemetry>(name));
        Assert.Throws<ArgumentException>(() => SharedStruct.OpenReadWrite<Telemetry>(name));
    }

    [Fact]
    public void A_name_of_the_greatest_length_works_and_a_longer_one_is_refused()
    {
        string longest = new('n', 107 - NamesDirectory.Path.Length - "/.sock".Length);
        using SharedStructWriter<Telemetry> shared = SharedStruct.Create<Telemetry>(longest);
        using SharedStructReader<Telemetry> reader = SharedStruct.Open<Telemetry>(longest);
        Assert.Contains("107", Assert.Throws<ArgumentException>(() => SharedStruct.Create<Telemetry>(longest + "n")).Message,
            StringComparison.Ordinal);

        string abstractName = "@" + new string('n', 106);
        using SharedStructWriter<Telemetry> other = SharedStruct.Create<Telemetry>(abstractName);
        using SharedStructReader<Telemetry> otherReader = SharedStruct.Open<Telemetry>(abstractName);
        Assert.Contains("106", Assert.Throws<ArgumentException>(() => SharedStruct.Create<Telemetry>(abstractName + "n")).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("@")]
    public void Who_asks_for_a_name_that_is_in_use_is_told_by_whom(string prefix)
    {
        Peer holder = StartPeer();
        string name = prefix + NewName();
        holder.Ask($"create {name}");

        EndpointInUseException inUse = Assert.Throws<EndpointInUseException>(() => SharedStruct.Create<Telemetry>(name));

        Assert.Contains($"process {holder.Id} 'dotnet'", inUse.Message, StringComparison.Ordinal);
        Assert.Contains(name, inUse.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_this_process_has_itself_is_in_use_too()
    {
        string name = NewName();
        using (SharedStruct.Create<Telemetry>(name))
            Assert.Contains("this process", Assert.Throws<EndpointInUseException>(() => SharedStruct.Create<Telemetry>(name)).Message,
                StringComparison.Ordinal);
        using SharedStructWriter<Telemetry> next = SharedStruct.Create<Telemetry>(name);
    }

    [Fact]
    public async Task Of_several_starters_exactly_one_gets_the_name()
    {
        const int Starters = 6;
        Peer[] peers = [.. Enumerable.Range(0, Starters).Select(_ => StartPeer())];
        for (int round = 0; round < s_races; round++)
        {
            string name = NewName("contested");
            Task<string>[] creations = [.. peers.Select(peer => peer.Begin($"create {name}"))];
            await Task.WhenAll(creations.Select(creation => Soon(creation).ContinueWith(_ => { }, TaskScheduler.Default)));

            _ = Assert.Single(creations, creation => creation.IsCompletedSuccessfully);
            Assert.All(creations.Where(creation => creation.IsFaulted),
                lost => Assert.Contains("EndpointInUseException", lost.Exception!.InnerException!.Message, StringComparison.Ordinal));
            int winner = Array.FindIndex(creations, creation => creation.IsCompletedSuccessfully);
            using SharedStructReader<Telemetry> reader = await SharedStruct.OpenAsync<Telemetry>(name);
            Assert.Equal(peers[winner].Id, Assert.Single(reader.Peers).Identity.ProcessId);
            peers[winner].Ask("dispose");
        }
    }

    [Fact]
    public void Dispose_removes_the_socket_and_leaves_no_temporary_file()
    {
        string name = NewName("files");
        string path = $"{NamesDirectory.Path}/{name}.sock";
        SharedStructWriter<Telemetry> shared = SharedStruct.Create<Telemetry>(name);
        Assert.True(File.Exists(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));

        shared.Dispose();

        Assert.False(File.Exists(path));
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(NamesDirectory.Path), entry => Path.GetFileName(entry)[0] == '.');
    }

    /// <summary>Of a creator that was killed before it renamed its socket into place. The name is the protocol's.</summary>
    [Fact]
    public void A_socket_that_was_left_under_its_temporary_name_is_removed()
    {
        string name = NewName("left");
        string temporary = EndpointSocket.TemporaryFor(Path.Combine(NamesDirectory.Path, $"{name}.sock"));
        using Socket left = new(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
        left.Bind(new UnixDomainSocketEndPoint(temporary));

        using SharedStructWriter<Telemetry> shared = SharedStruct.Create<Telemetry>(name);

        Assert.False(File.Exists(temporary));
        using SharedStructReader<Telemetry> reader = SharedStruct.Open<Telemetry>(name);
    }

    [Fact]
    public void Without_a_directory_of_its_own_the_endpoint_is_in_one_that_is_the_users_alone()
    {
        string temporary = Directory.CreateTempSubdirectory("typedshm-tmp-").FullName;
        Peer peer = StartPeer(("TYPEDSHM_DIR", null), ("TMPDIR", temporary));
        string name = NewName();
        uint user = Native.UserId;
        string runtime = $"/run/user/{user}";
        string expected = Directory.Exists(runtime) ? $"{runtime}/typedshm" : $"{temporary}/typedshm-{user}";

        peer.Ask($"create {name}");

        Assert.True(File.Exists($"{expected}/{name}.sock"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(expected));
        peer.Ask("dispose");
        File.Delete($"{expected}/{name}.sock.lock");
        Directory.Delete(temporary, recursive: true);
    }

    [Theory]
    [InlineData("others may write it")]
    [InlineData("no directory")]
    public void A_directory_that_is_not_the_users_alone_is_refused(string flaw)
    {
        if (Directory.Exists($"/run/user/{Native.UserId}"))
            return; // It is not in the temp directory here, and no test may touch the real one.

        string temporary = Directory.CreateTempSubdirectory("typedshm-tmp-").FullName;
        string directory = $"{temporary}/typedshm-{Native.UserId}";
        string elsewhere = Directory.CreateDirectory($"{temporary}/elsewhere").FullName;
        if (flaw == "no directory")
            Directory.CreateSymbolicLink(directory, elsewhere);
        else
            Directory.CreateDirectory(directory, (UnixFileMode)0x1C0).UnixFileMode = (UnixFileMode)0x1FF;
        Peer peer = StartPeer(("TYPEDSHM_DIR", null), ("TMPDIR", temporary));

        string error = peer.AskInVain($"create {NewName()}");

        Assert.StartsWith("SharedMemoryException", error, StringComparison.Ordinal);
        Assert.Contains("must be owned by user", error, StringComparison.Ordinal);
        Directory.Delete(temporary, recursive: true);
    }

    [Fact]
    public void A_lock_file_that_is_a_symbolic_link_is_not_followed()
    {
        string name = NewName();
        string target = $"{NamesDirectory.Path}/target-of-{name}";
        File.CreateSymbolicLink($"{NamesDirectory.Path}/{name}.sock.lock", target);

        Assert.Throws<SystemCallException>(() => SharedStruct.Create<Telemetry>(name));

        Assert.False(File.Exists(target));
    }

    [Fact]
    public void A_socket_that_is_not_ours_is_named_as_the_obstacle()
    {
        string path = $"{NamesDirectory.Path}/{NewName("stream")}";
        using System.Net.Sockets.Socket stream =
            new(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        stream.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(path));
        stream.Listen();

        SharedMemoryException error = Assert.Throws<SharedMemoryException>(() => SharedStruct.Open<Telemetry>(path));

        Assert.Contains("Check that it was made by TypedShm", error.Message, StringComparison.Ordinal);
    }
}
