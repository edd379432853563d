using System.Net.Sockets;
using System.Runtime.InteropServices;
using TypedShm.Interop;

namespace TypedShm;

/// <summary>Who is at the other end of a connection, as the kernel recorded it when the connection was made.</summary>
public sealed class PeerIdentity
{
    private const int SocketLevel = 1;
    private const int PeerGroups = 59;

    private string? _command;

    internal PeerIdentity(int processId, uint userId, uint groupId, uint[] groups, string? command = null)
    {
        ProcessId = processId;
        UserId = userId;
        GroupId = groupId;
        Groups = groups;
        _command = command;
    }

    /// <summary>The process id, or 0 if it is unknown: the peer is in another PID namespace, as in another container.</summary>
    public int ProcessId { get; }

    /// <summary>The effective user id, or 65534 if it has none in this process's user namespace.</summary>
    public uint UserId { get; }

    /// <summary>The effective group id.</summary>
    public uint GroupId { get; }

    /// <summary>The supplementary groups.</summary>
    public IReadOnlyList<uint> Groups { get; }

    /// <summary>The name of the program, as /proc/PID/comm gives it; for messages only, since a process chooses it itself.</summary>
    public string Command => _command ??= CommandOf(ProcessId);

    /// <inheritdoc/>
    public override string ToString() => $"{Process} of user {UserId}";

    /// <summary>The process, for messages.</summary>
    internal string Process => ProcessId == 0 ? "a process of another PID namespace" : $"process {ProcessId} '{Command}'";

    /// <summary>Who is to blame for what it sends.</summary>
    internal DescriptorSender Sender => new(ProcessId, UserId);

    internal static PeerIdentity Of(Socket socket)
    {
        (DescriptorSender sender, uint group) = Native.PeerCredentials(socket);
        return new PeerIdentity(sender.ProcessId, sender.UserId, group, GroupsOf(socket));
    }

    internal static PeerIdentity OfThisProcess() => new(Environment.ProcessId, Native.UserId, 0, []);

    /// <summary>
    /// Looks <see cref="Command"/> up, unless it was asked for before: it is in the messages about a process that has ended, too. Done
    /// while the peer is at work for this side, since the look takes as long as half a message of the handshake.
    /// </summary>
    internal void LookUpCommand() => _ = Command;

    internal static string CommandOf(int process)
    {
        if (process == 0)
            return "?";
        try
        {
            return Interop.UntrustedText.Of(File.ReadAllText($"/proc/{process}/comm").TrimEnd('\n'), 64);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "?";
        }
    }

    private static uint[] GroupsOf(Socket socket)
    {
        try
        {
            // Few users are in so many groups; the kernel allows 65,536.
            for (int room = 64; ; room *= 32)
            {
                byte[] buffer = new byte[room * sizeof(uint)];
                try
                {
                    int length = socket.GetRawSocketOption(SocketLevel, PeerGroups, buffer);
                    return MemoryMarshal.Cast<byte, uint>(buffer.AsSpan(0, length)).ToArray();
                }
                catch (SocketException error) when (error.NativeErrorCode == Errno.ERANGE && room <= 65536)
                {
                }
            }
        }
        catch (SocketException)
        {
            // A kernel older than 4.13 does not know the option; a policy on groups then matches the primary one only.
            return [];
        }
    }
}
