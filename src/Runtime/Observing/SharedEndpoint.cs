namespace TypedShm;

/// <summary>An endpoint of this machine, as <see cref="SharedEndpoints.Scan"/> has found it. Immutable.</summary>
public sealed class SharedEndpoint
{
    internal SharedEndpoint(string name, string? path, int processId)
    {
        Name = name;
        Path = path;
        ProcessId = processId;
        Command = processId == 0 ? "?" : PeerIdentity.CommandOf(processId);
    }

    /// <summary>What to open it by in this process: a plain name, a path, or <c>@</c> and an abstract name.</summary>
    public string Name { get; }

    /// <summary>The path of the socket; null of an abstract name.</summary>
    public string? Path { get; }

    /// <summary>The process that owns the name; 0 if it is unknown, as of one in another PID namespace.</summary>
    public int ProcessId { get; }

    /// <summary>Its program, by its own account; "?" if it is unknown.</summary>
    public string Command { get; }

    /// <summary>What the names of its regions begin with, after <c>memfd:typedshm:</c>.</summary>
    public string RegionName
    {
        get
        {
            string last = Path is null ? Name[1..] : System.IO.Path.GetFileName(Path);
            return last.EndsWith(".sock", StringComparison.Ordinal) ? last[..^".sock".Length] : last;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => ProcessId == 0 ? Name : $"{Name} of process {ProcessId} '{Command}'";
}
