namespace TypedShm.Tool.Health;

internal enum Result
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Channels work, but something is slower or less convenient than it could be.</summary>
    Note,

    /// <summary>Channels do not work.</summary>
    Fail,
}

/// <summary>What a check has come to.</summary>
/// <param name="Check">What was looked at.</param>
/// <param name="Result">Whether it is as it should be.</param>
/// <param name="Found">What was found.</param>
/// <param name="Remedy">What to do; empty if nothing has to be done.</param>
internal sealed record Finding(string Check, Result Result, string Found, string Remedy = "");
