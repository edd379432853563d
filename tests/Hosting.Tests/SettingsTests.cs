using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace TypedShm.Hosting.Tests;

/// <summary>What is configured is what an end has; what cannot be is told before anything is opened.</summary>
public sealed class SettingsTests
{
    [Fact]
    public async Task A_broadcast_is_as_it_was_configured()
    {
        await using TestHost host = await TestHost.Started(
            services => services.AddSharedBroadcastWriter<Order>("set", new SharedBroadcastOptions { Capacity = 8, PayloadCapacity = 32 }),
            ("TypedShm:set:Capacity", "64"),
            ("TypedShm:set:Lossless", "true"),
            ("TypedShm:set:CutOffAfter", "00:00:05"),
            ("TypedShm:set:Memory:Prefault", "true"),
            ("TypedShm:set:wait", "park"));
        SharedBroadcastWriter<Order> writer = host.Get<SharedBroadcastWriter<Order>>("set");
        Assert.Equal((64, 32, true), (writer.Capacity, writer.PayloadCapacity, writer.IsLossless));
    }

    [Fact]
    public async Task A_table_has_as_many_elements_as_were_configured()
    {
        await using TestHost host = await TestHost.Started(
            services => services.AddSharedTableWriter<Order>("sized", count: 3),
            ("TypedShm:sized:Count", "17"),
            ("TypedShm:sized:Live", "true"));
        SharedTableWriter<Order> table = host.Get<SharedTableWriter<Order>>("sized");
        Assert.Equal((17, true), (table.Count, table.IsLive));
    }

    [Theory]
    [InlineData("MaxPeers", "0", "MaxPeers ('0') must be greater than or equal to '1'")]
    [InlineData("MaxPeers", "many", "TypedShm:bad:MaxPeers is 'many', but Int32 was expected.")]
    [InlineData("Capacity", "1000", "power of two")]
    [InlineData("Memory:NumaNode", "-1", "NumaNode ('-1') must be a non-negative value")]
    [InlineData("Memory:Lock", "perhaps", "TypedShm:bad:Memory:Lock is 'perhaps', but Boolean was expected.")]
    [InlineData("CutOffAfter", "0:0:1", "the broadcast must be lossless")]
    [InlineData("Wait", "Sleep", "TypedShm:bad:Wait is 'Sleep', but one of SpinThenPark, Park, Spin was expected.")]
    [InlineData("Wait", "9", "TypedShm:bad:Wait is '9'")]
    [InlineData("AllowedPeers", "Everyone", "TypedShm:bad:AllowedPeers is 'Everyone', but SameUser, or a list of ids in Users")]
    [InlineData("AllowedPeers:Users:0", "root", "TypedShm:bad:AllowedPeers:Users:0 is 'root'")]
    [InlineData("Capcity", "64", "TypedShm:bad:Capcity is no setting of SharedBroadcastWriter. There are: AllowedPeers, Capacity,")]
    [InlineData("Lazy", "true", "TypedShm:bad:Lazy is no setting of SharedBroadcastWriter.")]
    public async Task What_cannot_be_ends_the_start_before_anything_is_opened(string name, string value, string message)
    {
        await using TestHost host = new(
            services => services.AddSharedStateWriter<Order>("good").AddSharedBroadcastWriter<Order>("bad"),
            ($"TypedShm:bad:{name}", value));
        OptionsValidationException error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.Host.StartAsync());
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => host.Get<SharedStateWriter<Order>>("good"));
    }

    [Theory]
    [InlineData("MaxMemory", "0")]
    [InlineData("Timeout", "-0:0:5")]
    public async Task What_no_channel_can_be_opened_with_ends_the_start(string name, string value)
    {
        await using TestHost host = new(services => services.AddSharedStateReader<Order>("bad-open"), ($"TypedShm:bad-open:{name}", value));
        OptionsValidationException error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.Host.StartAsync());
        Assert.Contains(name, error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Users_and_groups_are_lists()
    {
        await using TestHost host = await TestHost.Started(
            services => services.AddSharedStateWriter<Order>("for-others"), ("TypedShm:for-others:AllowedPeers:Users:0", "4000000000"));
        PeerRefusedException error = Assert.Throws<PeerRefusedException>(() => SharedState.Open<Order>("for-others"));
        Assert.Contains("users 4000000000", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_section_of_another_key_means_nothing()
    {
        await using TestHost host = await TestHost.Started(
            services => services.AddSharedStateWriter<Order>("mine"), ("TypedShm:yours:Nonsense", "1"));
        Assert.Equal(ConnectionState.Connected, host.Get<SharedStateWriter<Order>>("mine").State);
    }
}
