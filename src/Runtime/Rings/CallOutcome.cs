namespace TypedShm.Rings;

/// <summary>How a call ended. The numbers are part of the format.</summary>
internal enum CallOutcome : uint
{
    /// <summary>The response is the answer.</summary>
    Answered = 0,

    /// <summary>The handler threw; the payload says what, or nothing.</summary>
    Failed = 1,
}
