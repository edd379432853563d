using System.Diagnostics;

namespace TypedShm.Hosting;

/// <summary>
/// The names under which this library measures and traces: <c>metrics.AddMeter(TypedShmTelemetry.Name)</c>, and the same for traces.
/// </summary>
public static class TypedShmTelemetry
{
    /// <summary>The name of the meter and of the activity source: <c>TypedShm</c>.</summary>
    public const string Name = "TypedShm";

    /// <summary>The source of the activities of consumers, call services and traced calls.</summary>
    internal static ActivitySource Activities { get; } = new(Name);
}
