namespace TypedShm.Generator;

internal static class RuleCategories
{
    public const string Layout = "TypedShm.Layout";
    public const string Concurrency = "TypedShm.Concurrency";
    public const string Project = "TypedShm.Project";
    public const string Versioning = "TypedShm.Versioning";

    /// <summary>Each rule has a page of its own, named after its id.</summary>
    public const string HelpLink = "https://github.com/typedshm/typedshm/blob/main/docs/diagnostics/";
}
