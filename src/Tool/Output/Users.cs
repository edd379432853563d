using System.Globalization;

namespace TypedShm.Tool.Output;

/// <summary>The names of users, from <c>/etc/passwd</c>.</summary>
internal static class Users
{
    private static readonly Lazy<Dictionary<uint, string>> s_names = new(Read);

    public static string NameOf(uint user) => s_names.Value.GetValueOrDefault(user) ?? user.ToString(CultureInfo.InvariantCulture);

    /// <summary>The user of a process; "?" if it has ended.</summary>
    public static string OfProcess(int process)
    {
        try
        {
            string? line = File.ReadLines($"/proc/{process}/status")
                .FirstOrDefault(line => line.StartsWith("Uid:", StringComparison.Ordinal));

            // Real, effective, saved, of the file system.
            return line?.Split('\t') is [_, _, var effective, ..]
                && uint.TryParse(effective, CultureInfo.InvariantCulture, out uint user) ? NameOf(user) : "?";
        }
        catch (IOException)
        {
            return "?";
        }
    }

    private static Dictionary<uint, string> Read()
    {
        Dictionary<uint, string> names = [];
        if (!File.Exists("/etc/passwd"))
            return names;
        foreach (string line in File.ReadLines("/etc/passwd"))
        {
            if (line.Split(':') is [var name, _, var user, ..] && uint.TryParse(user, CultureInfo.InvariantCulture, out uint number))
                names.TryAdd(number, name);
        }

        return names;
    }
}
