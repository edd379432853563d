using System.Text.Unicode;
using TypedShm.Interop;
using TypedShm.Waiting;

namespace TypedShm;

/// <summary>The handler at the other end threw. The server goes on, and so does the connection.</summary>
public sealed class RemoteCallException : SharedMemoryException
{
    private RemoteCallException(string message, string? remoteType, string? remoteMessage)
        : base(message)
    {
        RemoteType = remoteType;
        RemoteMessage = remoteMessage;
    }

    /// <summary>
    /// The full name of the type of what was thrown; null if the server does not tell (<see cref="SharedCallOptions.ReportExceptions"/>).
    /// </summary>
    public string? RemoteType { get; }

    /// <summary>Its message, cut where it was too long; null if the server does not tell.</summary>
    public string? RemoteMessage { get; }

    /// <summary>Writes down what was thrown: type, line feed, message, in UTF-8.</summary>
    /// <returns>How many bytes were written; what does not fit is left out.</returns>
    internal static int Write(Exception error, Span<byte> room)
    {
        // A rune that does not fit is not written at all.
        Utf8.FromUtf16($"{error.GetType().FullName}\n{MessageOf(error)}", room, out _, out int written);
        return written;
    }

    // It is the handler's code too, and the server goes on whatever a handler does.
    private static string MessageOf(Exception error)
    {
        try
        {
            return error.Message;
        }
        catch (Exception second)
        {
            return $"(its message cannot be had: {second.GetType().FullName})";
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote. It comes from a peer, and is made safe to show.</summary>
    internal static RemoteCallException Read(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
            return new RemoteCallException(
                "The handler of the call failed; the server does not say why (SharedCallOptions.ReportExceptions).", null, null);
        byte[] copy = text.ToArray();
        int line = copy.AsSpan().IndexOf((byte)'\n');
        string type = UntrustedText.Of(line < 0 ? copy : copy.AsSpan(0, line), copy.Length);
        string message = line < 0 ? "" : UntrustedText.Of(copy.AsSpan(line + 1), copy.Length);
        return new RemoteCallException($"The handler of the call threw {type}: {message}", type, message);
    }
}
