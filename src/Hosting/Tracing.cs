using System.Diagnostics;

namespace TypedShm.Hosting;

/// <summary>The activities of messages and calls.</summary>
internal static class Tracing
{
    /// <summary>Begins the activity of a message or request that has come; null if nobody listens.</summary>
    public static Activity? Begin<T>(in T message, string verb, SharedEnd end, ActivityKind kind)
        where T : unmanaged
    {
        if (!TypedShmTelemetry.Activities.HasListeners())
            return null;

        // Boxes, which only a listener pays for.
        ActivityContext parent = message is ITraced traced ? traced.Trace.ToActivityContext() : default;
        return Start(verb, end, kind, parent);
    }

    /// <summary>Begins an activity of this process; null if nobody listens.</summary>
    public static Activity? Start(string verb, SharedEnd end, ActivityKind kind, ActivityContext parent)
    {
        Activity? activity = TypedShmTelemetry.Activities.StartActivity($"{verb} {end.Name}", kind, parent);
        activity?.SetTag("typedshm.channel", end.Name);
        return activity;
    }

    /// <summary>The activity has failed.</summary>
    public static void Fail(this Activity? activity, Exception error) =>
        activity?.SetStatus(ActivityStatusCode.Error, error.Message).AddException(error);
}
