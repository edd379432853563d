using Microsoft.Extensions.DependencyInjection;
using TypedShm.TestKit;
using Xunit;

namespace TypedShm.Hosting.Tests;

/// <summary>When ends are opened and closed, and what is said of it.</summary>
public sealed class LifetimeTests
{
    [Fact]
    public async Task Nothing_is_opened_before_the_host_starts()
    {
        TestHost host = new(services => services.AddSharedStateWriter<Order>("early"));
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => host.Get<SharedStateWriter<Order>>("early"));
        Assert.Contains("SharedStateWriter 'early' is not open", error.Message, StringComparison.Ordinal);
        Assert.Contains("IHostedEnd<SharedStateWriter<…>>", error.Message, StringComparison.Ordinal);
        Assert.False(SharedState.TryOpen(name: "early", out SharedStateReader<Order>? _));

        await host.Host.StartAsync();
        Assert.Same(host.Get<SharedStateWriter<Order>>("early"), host.Get<SharedStateWriter<Order>>("early"));
        Assert.True(SharedState.TryOpen("early", out SharedStateReader<Order>? reader));
        reader.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task A_name_is_free_when_its_host_has_stopped()
    {
        await using TestHost host = await TestHost.Started(services => services.AddSharedStateWriter<Order>("stopped"));
        SharedStateWriter<Order> writer = host.Get<SharedStateWriter<Order>>("stopped");
        await host.Stop();
        Assert.Equal(ConnectionState.Disposed, writer.State);
        SharedState.Create<Order>("stopped").Dispose();
    }

    [Fact]
    public async Task What_was_opened_is_closed_if_the_start_fails()
    {
        using SharedStateWriter<Order> taken = SharedState.Create<Order>("taken");
        TestHost host = new(services => services.AddSharedStateWriter<Order>("not-taken").AddSharedStateWriter<Order>("taken"));
        await Assert.ThrowsAsync<EndpointInUseException>(() => host.Host.StartAsync());
        await ((IAsyncDisposable)host.Host).DisposeAsync();
        SharedState.Create<Order>("not-taken").Dispose();
    }

    [Fact]
    public async Task A_host_that_is_not_to_be_lazy_waits_for_its_peer()
    {
        await using TestHost host = new(
            services => services.AddSharedStateReader<Order>("absent"),
            ("TypedShm:absent:Lazy", "false"),
            ("TypedShm:absent:Timeout", "0:0:0.05"));
        await Assert.ThrowsAsync<TimeoutException>(() => host.Host.StartAsync());
    }

    [Fact]
    public void The_same_end_is_added_once()
    {
        ServiceCollection services = new();
        services.AddSharedStateReader<Order>("twice").AddSharedStateWriter<Order>("twice").AddSharedStateReader<Order>("other");
        ArgumentException error = Assert.Throws<ArgumentException>(() => services.AddSharedStateReader<Order>("twice"));
        Assert.Contains("There is a SharedStateReader 'twice'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_ends_of_one_channel_are_one_host_s()
    {
        await using TestHost host = await TestHost.Started(services =>
            services.AddSharedStateWriter<Order>("both").AddSharedStateReader<Order>("both"), ("TypedShm:both:Name", "both-renamed"));
        host.Get<SharedStateWriter<Order>>("both").Write(new Order { Number = 7 });
        SharedStateReader<Order> reader = host.Get<SharedStateReader<Order>>("both");
        Assert.Equal("both-renamed", reader.Name);
        await Until.Holds(() => reader.Read().Number == 7);
    }

    [Fact]
    public async Task Who_comes_and_goes_is_logged()
    {
        await using TestHost host = await TestHost.Started(services => services.AddSharedStateWriter<Order>("logged"));
        SharedState.Open<Order>("logged").Dispose();
        Assert.Throws<LayoutMismatchException>(() => SharedState.Open<Bill>("logged"));
        await host.Stop();
        await Until.Holds(() => host.Lines.Count(line => line.StartsWith("TypedShm.logged ", StringComparison.Ordinal)) >= 6);
        Assert.Contains(host.Lines, line => line == "TypedShm.logged Information: SharedStateWriter 'logged' is open: Connected.");
        Assert.Contains(host.Lines, line => Says(line, "has connected."));
        Assert.Contains(host.Lines, line => Says(line, "has closed its end."));
        Assert.Contains(host.Lines, line => line.StartsWith("TypedShm.logged Warning: 'logged': ", StringComparison.Ordinal)
            && line.EndsWith("was turned away. LayoutMismatchException", StringComparison.Ordinal));
        Assert.Contains(host.Lines, line => line == "TypedShm.logged Debug: 'logged' is Disposed now.");
        Assert.Contains(host.Lines, line => line == "TypedShm.logged Information: SharedStateWriter 'logged' is closed.");
    }

    [Fact]
    public async Task A_reason_that_stays_is_logged_once()
    {
        using SharedStateWriter<Bill> other = SharedState.Create<Bill>("mismatched");
        int refused = 0;
        other.PeerRefused += (_, _) => refused++;
        await using TestHost host = await TestHost.Started(services => services.AddSharedStateReader<Order>("mismatched"));
        await Until.Holds(() => Volatile.Read(ref refused) >= 4);
        Assert.Single(host.Lines, line => line.Contains("'mismatched' cannot connect", StringComparison.Ordinal));
    }

    private static bool Says(string line, string what) =>
        line.Contains($"process {Environment.ProcessId} ", StringComparison.Ordinal) && line.EndsWith(what, StringComparison.Ordinal);
}
