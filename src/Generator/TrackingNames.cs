namespace TypedShm.Generator;

/// <summary>The names of the generator's steps, for tests of what runs again after an edit.</summary>
internal static class TrackingNames
{
    /// <summary>Symbols to a model; runs on every change of the project.</summary>
    public const string Parse = nameof(Parse);

    /// <summary>The models of the valid structs.</summary>
    public const string Layout = nameof(Layout);

    /// <summary>The names that need a suffix to be told apart.</summary>
    public const string AmbiguousNames = nameof(AmbiguousNames);
}
