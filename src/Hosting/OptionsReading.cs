using Microsoft.Extensions.Configuration;

namespace TypedShm.Hosting;

/// <summary>The options of each channel, as they were configured: what was not is as the program has it.</summary>
internal static class OptionsReading
{
    public static OpenOptions Read(this EndSettings from, OpenOptions options) => options with
    {
        Timeout = from.Read(nameof(options.Timeout), options.Timeout),
        AllowedOwner = from.ReadPolicy(nameof(options.AllowedOwner), options.AllowedOwner),
        Lazy = from.Read(nameof(options.Lazy), options.Lazy),
        Reconnect = from.Read(nameof(options.Reconnect), options.Reconnect),
        Producer = from.ReadText(nameof(options.Producer), options.Producer),
        KeepDescriptor = from.Read(nameof(options.KeepDescriptor), options.KeepDescriptor),
        AllowSparsePayloads = from.Read(nameof(options.AllowSparsePayloads), options.AllowSparsePayloads),
        MaxMemory = from.Read(nameof(options.MaxMemory), options.MaxMemory),
        Wait = from.ReadEnum(nameof(options.Wait), options.Wait),
        Fence = from.ReadEnum(nameof(options.Fence), options.Fence),
        ExactThreadCheck = from.Read(nameof(options.ExactThreadCheck), options.ExactThreadCheck),
        Memory = from.Read(options.Memory),
    };

    public static SharedStructOptions Read(this EndSettings from, SharedStructOptions options) => from.ReadCommon(options) with
    {
        AllowPeersToWrite = from.Read(nameof(options.AllowPeersToWrite), options.AllowPeersToWrite),
    };

    public static SharedStateOptions Read(this EndSettings from, SharedStateOptions options) => from.ReadCommon(options) with
    {
        PublishTimes = from.Read(nameof(options.PublishTimes), options.PublishTimes),
    };

    public static SharedTableOptions Read(this EndSettings from, SharedTableOptions options) => from.ReadCommon(options) with
    {
        Live = from.Read(nameof(options.Live), options.Live),
    };

    public static SharedQueueOptions Read(this EndSettings from, SharedQueueOptions options) => from.ReadMessages(options) with
    {
        Writers = from.Read(nameof(options.Writers), options.Writers),
    };

    public static SharedBroadcastOptions Read(this EndSettings from, SharedBroadcastOptions options) => from.ReadMessages(options) with
    {
        Lossless = from.Read(nameof(options.Lossless), options.Lossless),
        History = from.Read(nameof(options.History), options.History),
        CutOffAfter = from.ReadOptional<TimeSpan>(nameof(options.CutOffAfter)) ?? options.CutOffAfter,
    };

    public static SharedCallOptions Read(this EndSettings from, SharedCallOptions options) => from.ReadMessages(options) with
    {
        ReportExceptions = from.Read(nameof(options.ReportExceptions), options.ReportExceptions),
    };

    private static TOptions ReadMessages<TOptions>(this EndSettings from, TOptions options)
        where TOptions : MessageOptions => (TOptions)((MessageOptions)from.ReadCommon(options) with
        {
            Capacity = from.Read(nameof(options.Capacity), options.Capacity),
            PayloadCapacity = from.Read(nameof(options.PayloadCapacity), options.PayloadCapacity),
            PayloadAlignment = from.Read(nameof(options.PayloadAlignment), options.PayloadAlignment),
            SparsePayloads = from.Read(nameof(options.SparsePayloads), options.SparsePayloads),
            PublishTimes = from.Read(nameof(options.PublishTimes), options.PublishTimes),
        });

    private static TOptions ReadCommon<TOptions>(this EndSettings from, TOptions options)
        where TOptions : ChannelOptions => (TOptions)((ChannelOptions)options with
        {
            AllowedPeers = from.ReadPolicy(nameof(options.AllowedPeers), options.AllowedPeers),
            MaxPeers = from.Read(nameof(options.MaxPeers), options.MaxPeers),
            MaxPeersPerUser = from.ReadOptional<int>(nameof(options.MaxPeersPerUser)) ?? options.MaxPeersPerUser,
            MaxConnectsPerUser = from.ReadOptional<int>(nameof(options.MaxConnectsPerUser)) ?? options.MaxConnectsPerUser,
            HandshakeTimeout = from.Read(nameof(options.HandshakeTimeout), options.HandshakeTimeout),
            Wait = from.ReadEnum(nameof(options.Wait), options.Wait),
            Fence = from.ReadEnum(nameof(options.Fence), options.Fence),
            ExactThreadCheck = from.Read(nameof(options.ExactThreadCheck), options.ExactThreadCheck),
            Memory = from.Read(options.Memory),
        });

    private static MemoryOptions Read(this EndSettings from, MemoryOptions options) => options with
    {
        Prefault = from.Read(InMemory(nameof(options.Prefault)), options.Prefault),
        Lock = from.Read(InMemory(nameof(options.Lock)), options.Lock),
        HugePages = from.Read(InMemory(nameof(options.HugePages)), options.HugePages),
        NumaNode = from.ReadOptional<int>(InMemory(nameof(options.NumaNode))) ?? options.NumaNode,
    };

    private static string InMemory(string name) => ConfigurationPath.Combine(nameof(ChannelOptions.Memory), name);
}
