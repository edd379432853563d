namespace TypedShm.Memory;

/// <summary>The addresses of one mapping: what <see cref="Reservation.TryTake"/> hands out.</summary>
/// <param name="Owner">Where they are from.</param>
/// <param name="Start">The first address; what lies between it and <paramref name="Address"/> only aligns the mapping.</param>
/// <param name="Address">Where the mapping begins.</param>
/// <param name="End">Behind the last address.</param>
internal sealed record Place(Reservation Owner, nint Start, nint Address, nint End)
{
    /// <summary>The size of the mapping in bytes.</summary>
    public long Size => End - Address;
}
