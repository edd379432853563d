using System.Net.Sockets;
using System.Text;
using TypedShm.Interop;

namespace TypedShm.Transport;

/// <summary>
/// Where a channel is found: a plain name in the user's own directory, a path (it contains <c>/</c>), or a name in the
/// abstract namespace of Unix sockets (it begins with <c>@</c>).
/// </summary>
internal sealed class EndpointName
{
    private const string DirectoryVariable = "TYPEDSHM_DIR";
    private const string Extension = ".sock";

    // sizeof(sockaddr_un.sun_path), less the terminating NUL.
    private const int MaxPathBytes = 107;

    private EndpointName(string name, string? path)
    {
        Name = name;
        Path = path;
    }

    /// <summary>The name as the user gave it.</summary>
    public string Name { get; }

    /// <summary>The path of the socket, or null for an abstract name.</summary>
    public string? Path { get; }

    /// <summary>What to call the channel in the names of its regions: without directories and marks.</summary>
    public string ShortName => Path is null ? Name[1..] : System.IO.Path.GetFileName(Name);

    public UnixDomainSocketEndPoint Address => new(Path ?? "\0" + Name[1..]);

    /// <summary>Reads a name; nothing is created on disk.</summary>
    /// <exception cref="ArgumentException">The name is no legal one.</exception>
    public static EndpointName Parse(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Contains('\0'))
            throw new ArgumentException("The endpoint name contains a NUL character.", nameof(name));

        if (name[0] == '@')
        {
            if (name.Length == 1 || Encoding.UTF8.GetByteCount(name) > MaxPathBytes)
                throw new ArgumentException($"The abstract endpoint name '{name}' has {name.Length - 1} characters after the '@'; 1 to "
                    + $"{MaxPathBytes - 1} bytes are allowed.", nameof(name));
            return new EndpointName(name, null);
        }

        if (name[0] == '~')
        {
            string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            throw new ArgumentException($"The endpoint name '{name}' begins with '~', which a shell expands but a program does not. Give "
                + $"the whole path ('{home}{(name.Length > 1 ? name[1..] : "/name")}').", nameof(name));
        }

        if (name[^1] == '/' || (name.Contains('/') && Directory.Exists(name)))
            throw new ArgumentException(
                $"The endpoint name '{name}' is the path of a directory. Add a name to it ('{name.TrimEnd('/')}/name').", nameof(name));

        string path = name.Contains('/')
            ? System.IO.Path.GetFullPath(name)
            : System.IO.Path.Combine(UserDirectory(), CheckPlain(name) + Extension);
        int length = Encoding.UTF8.GetByteCount(path);
        if (length > MaxPathBytes)
            throw new ArgumentException($"The path of the endpoint, '{path}', has {length} bytes, but the kernel takes {MaxPathBytes}. "
                + $"Use a shorter name or directory, or an abstract name ('@{System.IO.Path.GetFileName(name)}').", nameof(name));
        return new EndpointName(name, path);
    }

    /// <summary>
    /// Creates the directory of the socket if it is missing and is the user's own one for endpoints, and checks that it is this user's
    /// alone. Directories that the user named are to be there:
    /// only he knows who is to get in.
    /// </summary>
    public void PrepareDirectory(PeerPolicy policy)
    {
        if (Path is null)
            return;

        string directory = System.IO.Path.GetDirectoryName(Path)!;
        bool isNamed = Name.Contains('/') || Environment.GetEnvironmentVariable(DirectoryVariable) is { Length: > 0 };
        if (isNamed)
        {
            if (!Directory.Exists(directory))
                throw new SharedMemoryException($"The directory '{directory}' for the endpoint '{Name}' does not "
                    + $"exist{(Name.Contains('/') ? "" : $" ({DirectoryVariable} names it)")}. Create it with a mode that lets in whom "
                    + $"AllowedPeers admits ({policy}): mkdir -m {(ReferenceEquals(policy, PeerPolicy.SameUser) ? "700" : "755")} "
                    + $"'{directory}'.");

            // A directory that the user named is the user's business; it may be shared between containers on purpose.
            return;
        }

        try
        {
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SharedMemoryException($"The directory '{directory}' for the endpoint '{Name}' cannot be made: {error.Message} "
                + "Make it, or use a name in a directory where this user may write.", error);
        }

        (uint owner, uint mode, bool isDirectory) = Native.DirectoryStatus(directory);
        if (!isDirectory || owner != Native.UserId || (mode & 0x3F) != 0)
        {
            throw new SharedMemoryException(
                $"The directory for endpoints, '{directory}', is "
                    + $"{(isDirectory ? $"owned by user {owner} with mode {Convert.ToString(mode, 8)}" : "no directory")}, but it must "
                    + $"be owned by user {Native.UserId} with mode 700. "
                + $"Remove it, or name another one in {DirectoryVariable}.");
        }
    }

    public override string ToString() => Name;

    private static string CheckPlain(string name)
    {
        for (int i = 0; i < name.Length; i++)
        {
            char c = name[i];
            if (!char.IsAsciiLetterOrDigit(c) && (i == 0 || c is not ('.' or '_' or '-')))
                throw new ArgumentException($"The endpoint name '{name}' has '{c}' at index {i}. A name consists of letters, digits, "
                    + "'.', '_' and '-' and begins with a letter or digit; a path contains '/'; an abstract name begins with '@'.",
                    nameof(name));
        }

        return name;
    }

    /// <summary>What a socket is opened by in this process.</summary>
    public static string NameOf(string path) =>
        System.IO.Path.GetDirectoryName(path) == UserDirectory() && path.EndsWith(Extension, StringComparison.Ordinal)
            ? System.IO.Path.GetFileNameWithoutExtension(path)
            : path;

    /// <summary>The directory of plain names.</summary>
    public static string UserDirectory()
    {
        if (Environment.GetEnvironmentVariable(DirectoryVariable) is { Length: > 0 } chosen)
            return System.IO.Path.GetFullPath(chosen);
        string runtime = $"/run/user/{Native.UserId}";
        return Directory.Exists(runtime)
            ? $"{runtime}/typedshm"
            : System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"typedshm-{Native.UserId}");
    }
}
