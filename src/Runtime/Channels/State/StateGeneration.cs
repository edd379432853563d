using System.Diagnostics;
using TypedShm.Waiting;

namespace TypedShm;

/// <summary>
/// Which of the values of a state one has read: "has it changed since?" is then one load. Values of the same number are the same
/// only if they come from the same creator, which the epoch tells, or from a successor that began from its region
/// (<see cref="SharedStateOptions.BeginFrom"/>) and has published nothing yet.
/// </summary>
/// <param name="Epoch">A random number of the region.</param>
/// <param name="Version">How many values had been published; 0 if there was none yet, and the value is zeros.</param>
/// <param name="PublishedAt">
/// When it was published, by <see cref="Stopwatch.GetTimestamp"/>, whose clock all processes share; 0 without
/// <see cref="SharedStateOptions.PublishTimes"/>.
/// </param>
public readonly record struct StateGeneration(long Epoch, long Version, long PublishedAt)
{
    /// <summary>How long ago the value was published.</summary>
    /// <exception cref="InvalidOperationException">
    /// The state was created without <see cref="SharedStateOptions.PublishTimes"/>, or nothing was published yet.
    /// </exception>
    public TimeSpan Age => PublishedAt != 0
        ? Stopwatch.GetElapsedTime(PublishedAt)
        : throw new InvalidOperationException(
            "The value carries no publish time: none was published yet, or the state was created without SharedStateOptions.PublishTimes.");
}
