using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace TypedShm.Hosting;

/// <summary>
/// A W3C trace context as a field of a message or request, so that a trace goes on in the process that reads it. Without the trace state,
/// which has no fixed size. All zeros if there was no activity.
/// </summary>
/// <remarks>Nothing but a field of the struct: channels know nothing of it, and those whose structs have none pay nothing.</remarks>
[SharedLayout]
public partial struct TraceContext
{
    /// <summary>The first 8 bytes of the id of the trace, big-endian.</summary>
    public ulong TraceHigh;

    /// <summary>The last 8 bytes of the id of the trace, big-endian.</summary>
    public ulong TraceLow;

    /// <summary>The id of the span that wrote it, big-endian.</summary>
    public ulong Span;

    /// <summary>The trace flags: 1 if the trace is recorded.</summary>
    public ulong Flags;

    /// <summary>The context of <see cref="Activity.Current"/>.</summary>
    public static TraceContext Current => Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? Of(activity.Context) : default;

    /// <summary>As a field of a struct.</summary>
    public static TraceContext Of(ActivityContext context)
    {
        Span<byte> trace = stackalloc byte[16];
        Span<byte> span = stackalloc byte[8];
        context.TraceId.CopyTo(trace);
        context.SpanId.CopyTo(span);
        return new TraceContext
        {
            TraceHigh = BinaryPrimitives.ReadUInt64BigEndian(trace),
            TraceLow = BinaryPrimitives.ReadUInt64BigEndian(trace[8..]),
            Span = BinaryPrimitives.ReadUInt64BigEndian(span),
            Flags = (ulong)context.TraceFlags,
        };
    }

    /// <summary>As a parent of activities of this process; the default if it is no context.</summary>
    public readonly ActivityContext ToActivityContext()
    {
        if ((TraceHigh | TraceLow) == 0 || Span == 0)
            return default;
        Span<byte> trace = stackalloc byte[16];
        Span<byte> span = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(trace, TraceHigh);
        BinaryPrimitives.WriteUInt64BigEndian(trace[8..], TraceLow);
        BinaryPrimitives.WriteUInt64BigEndian(span, Span);
        return new ActivityContext(
            ActivityTraceId.CreateFromBytes(trace), ActivitySpanId.CreateFromBytes(span), (ActivityTraceFlags)(Flags & 1), isRemote: true);
    }
}

/// <summary>A message or request that says which trace it belongs to.</summary>
/// <example>
/// <code>
/// [SharedLayout]
/// public partial struct Inquiry : ITraced
/// {
///     public long Instrument;
///     public TraceContext Trace;
///
///     TraceContext ITraced.Trace { readonly get => Trace; set => Trace = value; }
/// }
/// </code>
/// </example>
public interface ITraced
{
    /// <summary>The trace.</summary>
    TraceContext Trace { get; set; }
}
