namespace TypedShm;

/// <summary>
/// A peer sent a descriptor or a region that does not keep the rules: not a memfd, not sealed, too small, not fully
/// allocated, or with a header that contradicts itself or what was agreed on. It was closed; nothing of it is in use.
/// </summary>
public sealed class RegionInvalidException : SharedMemoryException
{
    internal RegionInvalidException(string message)
        : base(message)
    {
    }
}
