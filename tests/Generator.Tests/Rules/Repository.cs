namespace TypedShm.Generator.Tests;

/// <summary>The files of the repository that the tests are about.</summary>
internal static class Repository
{
    private static readonly string s_root = FindRoot();

    /// <summary>The full path of something in the repository.</summary>
    public static string Find(string path) => Path.Combine(s_root, path);

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "TypedShm.sln")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException(
            $"No folder above {AppContext.BaseDirectory} holds TypedShm.sln, so the files that the tests are about cannot be found.");
    }
}
