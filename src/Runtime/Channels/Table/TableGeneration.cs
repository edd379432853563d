using TypedShm.Waiting;

namespace TypedShm;

/// <summary>
/// Up to which change one knows a table. Numbers of the same table only can be compared, which the epoch tells, or of one that began from
/// it (<see cref="SharedTableOptions.BeginFrom"/>); the default value knows nothing, so that everything counts as changed.
/// </summary>
/// <param name="Epoch">A random number of the region.</param>
/// <param name="Changes">The number of the last change that is known.</param>
public readonly record struct TableGeneration(long Epoch, long Changes);
