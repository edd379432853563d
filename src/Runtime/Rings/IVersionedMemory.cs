namespace TypedShm.Rings;

/// <summary>The memory of a channel of which one asks whether anything has changed: a state or a table.</summary>
internal interface IVersionedMemory : IDisposable
{
    /// <summary>A random number of the region: versions of different regions have nothing to do with each other.</summary>
    long Epoch { get; }

    /// <summary>The version that was published last.</summary>
    long PublishedVersion { get; }

    /// <summary>
    /// The version that this process has read last through this mapping; -1 if it has read nothing. It is kept with the epoch, so a read
    /// that is still under way when another connection takes the memory's place cannot make a version of the successor look known.
    /// </summary>
    long SeenVersion { get; set; }

    /// <summary>Whether there is nothing to read yet, so that nothing can have changed either.</summary>
    bool IsEmpty { get; }

    /// <inheritdoc cref="SharedRegion.Continues"/>
    bool Continues(long epoch, long version);
}
