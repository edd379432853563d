namespace TypedShm.Tests.Memory;

/// <summary>What /proc and control groups say, in directories that stand in for them.</summary>
public sealed class AvailableMemoryTests : IDisposable
{
    private const long MiB = 1 << 20;

    private readonly string _root = Directory.CreateTempSubdirectory("typedshm-proc-").FullName;

    public AvailableMemoryTests() =>
        Write("proc/meminfo", "MemTotal:       24683620 kB\nMemFree:         1000000 kB\nMemAvailable:    1048576 kB\nBuffers: 1 kB\n");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Without_control_groups_it_is_what_the_machine_has() =>
        Assert.Equal((1024 * MiB, "this machine"), new AvailableMemory($"{_root}/proc").Now());

    [Fact]
    public void Here_it_can_be_looked_up()
    {
        (long bytes, string source) = MemoryNow();
        Assert.InRange(bytes, MiB, 1L << 50);
        Assert.NotEmpty(source);

        static (long, string) MemoryNow() => new AvailableMemory("/proc").Now();
    }

    [Theory]
    [InlineData("100", "max", 40)] // current is 60, nothing of it cache
    [InlineData("max", "90", 30)]
    [InlineData("100", "90", 30)]
    [InlineData("50", "max", 0)]
    public void In_a_group_of_version_2_both_limits_count(string max, string high, long left)
    {
        Mount2("/");
        Write("proc/self/cgroup", "0::/service/app\n");
        Group2("cgroup/service/app", max, high, 60, 0);

        Assert.Equal((left * MiB, $"the control group {_root}/cgroup/service/app"), new AvailableMemory($"{_root}/proc").Now());
    }

    [Fact]
    public void The_page_cache_of_a_group_counts_as_available()
    {
        Mount2("/");
        Write("proc/self/cgroup", "0::/app\n");
        Group2("cgroup/app", "100", "max", 99, 70);

        Assert.Equal(71 * MiB, new AvailableMemory($"{_root}/proc").Now().Bytes);
    }

    [Fact]
    public void Every_group_above_counts()
    {
        Mount2("/");
        Write("proc/self/cgroup", "0::/service/app/worker\n");
        Group2("cgroup/service/app/worker", "500", "max", 10, 0);
        Group2("cgroup/service/app", "max", "max", 600, 0);
        Group2("cgroup/service", "1000", "max", 800, 0);

        Assert.Equal((200 * MiB, $"the control group {_root}/cgroup/service"), new AvailableMemory($"{_root}/proc").Now());
    }

    [Fact]
    public void In_a_container_the_mount_begins_at_its_group()
    {
        Mount2("/docker/abc");
        Write("proc/self/cgroup", "0::/docker/abc\n");
        Group2("cgroup", "100", "max", 20, 0);

        Assert.Equal((80 * MiB, $"the control group {_root}/cgroup"), new AvailableMemory($"{_root}/proc").Now());
    }

    [Fact]
    public void In_a_group_of_version_1_and_those_above_the_limit_counts()
    {
        Write(
            "proc/self/mountinfo",
            $"31 30 0:28 / {_root}/cpu rw shared:9 - cgroup cgroup rw,cpu\n34 30 0:31 / {_root}/memory rw - cgroup cgroup rw,memory\n");
        Write("proc/self/cgroup", "5:devices:/app/inner\n4:memory:/app/inner\n0::/\n");
        Group1("memory/app/inner", long.MaxValue / 4096 * 4096, 60, 0);
        Group1("memory/app", 100 * MiB, 90, 30);
        Group1("memory", long.MaxValue / 4096 * 4096, 900, 0);

        Assert.Equal((40 * MiB, $"the control group {_root}/memory/app"), new AvailableMemory($"{_root}/proc").Now());
    }

    private void Mount2(string root) =>
        Write(
            "proc/self/mountinfo",
            $"22 1 0:2 / / rw - ext4 /dev/vda rw\n40 30 0:37 {root} {_root}/cgroup rw,relatime shared:4 - cgroup2 cgroup2 rw\n");

    private void Group2(string directory, string max, string high, long current, long cache)
    {
        Write($"{directory}/memory.max", Bytes(max));
        Write($"{directory}/memory.high", Bytes(high));
        Write($"{directory}/memory.current", $"{current * MiB}\n");
        Write($"{directory}/memory.stat", $"anon 1\nfile {cache * MiB}\ninactive_file {cache * MiB / 2}\nactive_file {cache * MiB / 2}\n");

        static string Bytes(string text) =>
            text == "max" ? "max\n" : $"{long.Parse(text, System.Globalization.CultureInfo.InvariantCulture) * MiB}\n";
    }

    private void Group1(string directory, long limit, long usage, long cache)
    {
        Write($"{directory}/memory.limit_in_bytes", $"{limit}\n");
        Write($"{directory}/memory.usage_in_bytes", $"{usage * MiB}\n");
        Write($"{directory}/memory.stat", $"inactive_file 1\ntotal_inactive_file {cache * MiB}\ntotal_active_file 0\n");
    }

    private void Write(string path, string text)
    {
        string full = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }
}
