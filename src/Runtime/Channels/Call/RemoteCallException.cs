using System.Text;
using System.Text.Unicode;
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

    /// <summary>The full name of the type of what was thrown; null if the server does not tell (<see cref="SharedCallOptions.ReportExceptions"/>).</summary>
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
            return new RemoteCallException("The handler of the call failed; the server does not say why (SharedCallOptions.ReportExceptions).", null, null);
        byte[] copy = text.ToArray();
        string[] parts = string.Concat(Encoding.UTF8.GetString(copy).Select(c => char.IsControl(c) && c != '\n' ? '?' : c)).Split('\n', 2);
        string message = parts.Length > 1 ? parts[1] : "";
        return new RemoteCallException($"The handler of the call threw {parts[0]}: {message}", parts[0], message);
    }
}
