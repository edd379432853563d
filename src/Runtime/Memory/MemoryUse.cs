namespace TypedShm.Memory;

/// <summary>What memory is for: the arithmetic and the remedy, in case that it cannot be had.</summary>
/// <param name="Kind">What the region holds.</param>
/// <param name="Count">Elements of data.</param>
/// <param name="Stride">Bytes of each.</param>
/// <param name="IsSparse">Whether payloads are allocated only as messages need them.</param>
internal readonly record struct MemoryUse(RegionKind Kind, long Count, long Stride, bool IsSparse = false)
{
    /// <summary>Subject and verb of a sentence that ends with the product.</summary>
    public string Arithmetic => Kind switch
    {
        RegionKind.QueueLane or RegionKind.Broadcast or RegionKind.CallLane => Many("slot"),
        RegionKind.Table => Many("element"),
        RegionKind.State => Many("cell"),
        RegionKind.Control => "the control words of a connection are",
        _ => $"a struct of {ByteSize.Grouped(Stride)} bytes with its header is",
    };

    /// <summary>What to do about it.</summary>
    public string Advice => Kind switch
    {
        RegionKind.QueueLane or RegionKind.Broadcast when !IsSparse => "Lower Capacity or PayloadCapacity, or set SparsePayloads.",
        RegionKind.QueueLane or RegionKind.Broadcast or RegionKind.CallLane => "Lower Capacity or PayloadCapacity.",
        RegionKind.Table => "Lower Count, or make the struct smaller.",
        RegionKind.Control => "Free memory, or raise the limit of the control group.",
        _ => "Make the struct smaller.",
    };

    private string Many(string what) => Count == 1
        ? $"a {what} of {ByteSize.Grouped(Stride)} bytes is"
        : $"{ByteSize.Grouped(Count)} {what}s of {ByteSize.Grouped(Stride)} bytes are";
}
