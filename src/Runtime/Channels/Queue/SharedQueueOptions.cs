namespace TypedShm;

/// <summary>How to create a queue.</summary>
public sealed record SharedQueueOptions : MessageOptions;
