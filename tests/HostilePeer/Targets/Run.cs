using System.Globalization;
using TypedShm.Memory;

namespace TypedShm.HostilePeer.Targets;

/// <summary>What all processes of a run know: where its endpoints are, who may connect, how large everything is.</summary>
internal static class Run
{
    public const uint OtherUser = 12345;
    public const string DirectoryVariable = "HOSTILE_DIRECTORY";
    public const string SecretVariable = "HOSTILE_SECRET";

    public const int Capacity = 64;
    public const int PayloadCapacity = 256;
    public const int TableCount = 200;
    public const long MaxMemory = 32L << 20;

    public static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(3);
    public static readonly TimeSpan Opening = TimeSpan.FromSeconds(1);

    public static string Directory { get; } = Environment.GetEnvironmentVariable(DirectoryVariable) ?? "";

    /// <summary>Of the honest processes; the attackers have 0 in its place.</summary>
    public static long Secret { get; } =
        long.Parse(Environment.GetEnvironmentVariable(SecretVariable) ?? "0", CultureInfo.InvariantCulture);

    /// <summary>Everybody who attacks may come as far as the protocol lets it.</summary>
    public static PeerPolicy Everybody { get; } = PeerPolicy.Users(0, OtherUser, Sys.geteuid());

    /// <summary>Keeps the regions of this process apart by pages that cannot be accessed, and does without what old kernels lack.</summary>
    public static void Prepare(bool hasPassRights)
    {
        AddressArena.UseGuards(Sys.PageSize);
        if (!hasPassRights)
            Interop.Native.HasPassRights = false;
    }

    public static string PathOf(string endpoint) => $"{Directory}/{endpoint}";
}
