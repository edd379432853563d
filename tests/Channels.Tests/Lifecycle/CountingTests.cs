using Xunit;

namespace TypedShm.Channels.Tests.Lifecycle;

/// <summary>
/// Tests that count what this process holds: nothing runs beside them. Who runs meanwhile may leave an end to the garbage collector, which
/// may not come for minutes.
/// </summary>
[CollectionDefinition(nameof(CountingTests), DisableParallelization = true)]
public sealed class CountingTests;
