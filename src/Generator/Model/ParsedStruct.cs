namespace TypedShm.Generator;

/// <summary>The fields of a struct, laid out.</summary>
internal sealed record ParsedStruct(EquatableArray<FieldSpec> Fields, int Size, int Alignment, bool HasVolatileFields)
{
    /// <summary>How many fields there are, those of nested structs included, each time that they occur.</summary>
    public int FieldCount { get; } = Fields.Sum(static field => field.FieldCount);

    /// <summary>How many structs contain each other, this one included.</summary>
    public int Depth { get; } = 1 + Fields.Max(static field => field.Depth);
}
