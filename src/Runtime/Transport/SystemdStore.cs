using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using TypedShm.Interop;
using TypedShm.Transport;

namespace TypedShm;

/// <summary>
/// The descriptors that systemd keeps for this service while it is not running, so that a state or table that is created anew can begin
/// with what the last one held (<see cref="SharedStateOptions.BeginFrom"/>), even after a kill -9.
/// </summary>
/// <remarks>
/// Needs <c>FileDescriptorStoreMax=</c> in the unit, which has to be one more than what is kept, see <c>systemd.service(5)</c>. Of what
/// systemd passes, others' included, only the names that are asked for here are touched. Thread-safe. Protocol: <c>sd_notify(3)</c>,
/// <c>sd_listen_fds(3)</c>.
/// </remarks>
/// <example>
/// <code>
/// SystemdStore.TryTake("pose", out SafeHandle? last);
/// using var pose = SharedState.Create&lt;Pose&gt;("pose", new() { BeginFrom = last });
/// SystemdStore.TryKeep("pose", pose.Region.Descriptor);  // before the first write
/// last?.Dispose();
/// </code>
/// </example>
public static class SystemdStore
{
    private const int FirstDescriptor = 3; // SD_LISTEN_FDS_START
    private const int MostCharacters = 200;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly Lock s_gate = new();

    // Under each name the numbers under which systemd has it, and the descriptor that it passed, or -1: one, or two if the process ended
    // between keeping the new and removing the old. Null until the environment was read.
    private static Dictionary<string, SortedList<int, int>>? s_kept;

    /// <summary>Takes over what was kept last under a name, when this service ran before.</summary>
    /// <param name="name">The name that it was kept under.</param>
    /// <param name="descriptor">The descriptor, the caller's to dispose. systemd has its own still.</param>
    /// <returns><see langword="false"/> if nothing was kept under the name, or it was taken before, or this is no service.</returns>
    /// <exception cref="ArgumentException">systemd allows no such name.</exception>
    public static bool TryTake(string name, [NotNullWhen(true)] out SafeHandle? descriptor)
    {
        CheckName(name);
        lock (s_gate)
        {
            descriptor = Kept.TryGetValue(name, out SortedList<int, int>? numbers) ? Adopt(numbers, numbers.Count - 1) : null;
            return descriptor is not null;
        }
    }

    /// <summary>
    /// Has systemd keep a descriptor under a name, instead of what it keeps there now, for as long as the service exists.
    /// </summary>
    /// <param name="name">A name within the service: printable ASCII characters, but no colon; at most 200.</param>
    /// <param name="descriptor">The descriptor, which stays the caller's.</param>
    /// <returns><see langword="false"/> if this process is no service of systemd: <c>NOTIFY_SOCKET</c> is not set.</returns>
    /// <exception cref="ArgumentException">systemd allows no such name.</exception>
    /// <exception cref="SharedMemoryException">systemd cannot be reached.</exception>
    public static bool TryKeep(string name, SafeHandle descriptor)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        CheckName(name);
        if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is not { Length: > 0 } address)
            return false;
        lock (s_gate)
        {
            if (!Kept.TryGetValue(name, out SortedList<int, int>? numbers))
                Kept.Add(name, numbers = []);
            int next = numbers.Count == 0 ? 1 : numbers.Keys[^1] + 1;
            using SafeDescriptor copy = Native.Duplicate(descriptor);
            using Socket socket = Connect(address);

            // The old one is removed by its own name after the new one is there: a process that is killed in between leaves both, and the
            // higher number tells which is the later one. One name for all would have to be removed first.
            Send(socket, $"FDSTORE=1\nFDNAME={Numbered(name, next)}", copy);
            numbers.Add(next, -1);
            while (numbers.Count > 1)
            {
                Send(socket, $"FDSTOREREMOVE=1\nFDNAME={Numbered(name, numbers.Keys[0])}");
                Adopt(numbers, 0)?.Dispose();
                numbers.RemoveAt(0);
            }

            return true;
        }
    }

    private static Dictionary<string, SortedList<int, int>> Kept => s_kept ??= ReadEnvironment();

    private static string Numbered(string name, int number) => string.Create(CultureInfo.InvariantCulture, $"{name}.{number}");

    private static Dictionary<string, SortedList<int, int>> ReadEnvironment()
    {
        Dictionary<string, SortedList<int, int>> kept = new(StringComparer.Ordinal);
        if (Variable("LISTEN_PID") != Environment.ProcessId.ToString(CultureInfo.InvariantCulture)
            || !int.TryParse(Variable("LISTEN_FDS"), NumberStyles.None, CultureInfo.InvariantCulture, out int count))
            return kept;
        string[] names = Variable("LISTEN_FDNAMES").Split(':');
        for (int i = 0; i < Math.Min(count, names.Length); i++)
        {
            int dot = names[i].LastIndexOf('.');
            if (dot <= 0 || !int.TryParse(names[i].AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
                continue;
            string name = names[i][..dot];
            if (!kept.TryGetValue(name, out SortedList<int, int>? numbers))
                kept.Add(name, numbers = []);
            numbers[number] = FirstDescriptor + i;
        }

        return kept;
    }

    // It is this process's own from then on.
    private static SafeDescriptor? Adopt(SortedList<int, int> numbers, int index)
    {
        int descriptor = numbers.Values[index];
        numbers.SetValueAtIndex(index, -1);
        return descriptor < 0 ? null : Native.Adopt(descriptor);
    }

    private static string Variable(string name) => Environment.GetEnvironmentVariable(name) ?? "";

    private static Socket Connect(string address)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(address[0] == '@' ? $"\0{address[1..]}" : address));
            return socket;
        }
        catch (Exception error) when (error is SocketException or ArgumentException)
        {
            socket.Dispose();
            throw new SharedMemoryException(
                $"The service manager cannot be reached at '{address}' (NOTIFY_SOCKET): {error.Message}. Set NotifyAccess=main in the "
                + "unit, or unset the variable where this is no service.", error);
        }
    }

    private static void Send(Socket socket, string message, params ReadOnlySpan<SafeDescriptor> descriptors)
    {
        Deadline deadline = Deadline.After(s_patience);
        while (!Native.TrySend(socket.SafeHandle, Encoding.ASCII.GetBytes(message), descriptors))
        {
            // systemd has not read what others have sent.
            if (deadline.IsOver)
                throw new SharedMemoryException($"The service manager has not taken a notification within {s_patience.TotalSeconds} s.");
            socket.Poll(TimeSpan.FromMilliseconds(100), SelectMode.SelectWrite);
        }
    }

    private static void CheckName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Length > MostCharacters || name.Any(character => character is <= ' ' or > '~' or ':'))
            throw new ArgumentException($"'{name}' is no name for a descriptor: systemd takes printable ASCII characters but no space or "
                + $"colon, here at most {MostCharacters}.", nameof(name));
    }
}
