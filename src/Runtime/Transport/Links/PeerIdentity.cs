using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace TypedShm;

/// <summary>Who is at the other end of a connection, as the kernel recorded it when the connection was made.</summary>
public sealed class PeerIdentity
{
    private const int SocketLevel = 1;
    private const int PeerCredentials = 17;
    private const int PeerGroups = 59;

    internal PeerIdentity(int processId, uint userId, uint groupId, uint[] groups, string command)
    {
        ProcessId = processId;
        UserId = userId;
        GroupId = groupId;
        Groups = groups;
        Command = command;
    }

    /// <summary>The process id, or 0 if the peer is in a process namespace that this process cannot see.</summary>
    public int ProcessId { get; }

    /// <summary>The effective user id, or 65534 if it has none in this process's user namespace.</summary>
    public uint UserId { get; }

    /// <summary>The effective group id.</summary>
    public uint GroupId { get; }

    /// <summary>The supplementary groups.</summary>
    public IReadOnlyList<uint> Groups { get; }

    /// <summary>The name of the program, as /proc/PID/comm gives it; for messages only, since a process chooses it itself.</summary>
    public string Command { get; }

    /// <inheritdoc/>
    public override string ToString() => $"process {ProcessId} '{Command}' of user {UserId}";

    internal static PeerIdentity Of(Socket socket)
    {
        Span<byte> credentials = stackalloc byte[12];
        socket.GetRawSocketOption(SocketLevel, PeerCredentials, credentials);
        int process = BinaryPrimitives.ReadInt32LittleEndian(credentials);
        return new PeerIdentity(
            process,
            BinaryPrimitives.ReadUInt32LittleEndian(credentials[4..]),
            BinaryPrimitives.ReadUInt32LittleEndian(credentials[8..]),
            GroupsOf(socket),
            CommandOf(process));
    }

    internal static PeerIdentity OfThisProcess() =>
        new(Environment.ProcessId, Interop.Native.UserId, 0, [], CommandOf(Environment.ProcessId));

    internal static string CommandOf(int process)
    {
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
        byte[] buffer = new byte[4 * 65536];
        try
        {
            int length = socket.GetRawSocketOption(SocketLevel, PeerGroups, buffer);
            return MemoryMarshal.Cast<byte, uint>(buffer.AsSpan(0, length)).ToArray();
        }
        catch (SocketException)
        {
            // A kernel older than 4.13 does not know the option; a policy on groups then matches the primary one only.
            return [];
        }
    }
}
