namespace TypedShm.Generator;

/// <summary>How a field's views show it.</summary>
internal enum FieldShape
{
    /// <summary>A primitive, an enum or a known struct of the BCL: by reference.</summary>
    Value,

    /// <summary>Another shared struct: its own view.</summary>
    Struct,

    /// <summary>An <c>[InlineArray]</c>: a span.</summary>
    InlineArray,

    /// <summary>A <c>fixed</c> buffer: a span.</summary>
    FixedBuffer,

    /// <summary>Text.</summary>
    Text,
}

/// <summary>Who may use a field, and so its accessor.</summary>
internal enum FieldAccess
{
    Private,
    Internal,
    Public,
}

/// <summary>One field of a <see cref="LayoutSpec"/>.</summary>
/// <param name="Name">The name, without <c>@</c>.</param>
/// <param name="Kind">The kind, as docs/format.md lists them.</param>
/// <param name="TypeName">The type of the field, or of the elements of an array, for use in source.</param>
/// <param name="Shape">How views show it.</param>
/// <param name="Access">Who may use it.</param>
/// <param name="IsReadOnly">Whether it is <c>readonly</c>.</param>
/// <param name="IsAtomic">Whether it is marked <c>[Atomic]</c>.</param>
/// <param name="Offset">Bytes from the start of the struct.</param>
/// <param name="Size">Bytes; of an array, of one element.</param>
/// <param name="Alignment">Bytes, of the type, whatever Pack makes of it.</param>
/// <param name="Length">Elements of an array, or null.</param>
/// <param name="Fields">The fields of a shared struct.</param>
/// <param name="StorageTypeName">The declared type of the field, for use in source.</param>
internal sealed record FieldSpec(
    string Name, string Kind, string TypeName, FieldShape Shape, FieldAccess Access, bool IsReadOnly, bool IsAtomic,
    int Offset, int Size, int Alignment, int? Length, EquatableArray<FieldSpec> Fields, string StorageTypeName)
{
    /// <summary>The name for use in source.</summary>
    public string Identifier => Identifiers.Escape(Name);

    /// <summary>Whether it is a <c>fixed</c> buffer, text or not.</summary>
    public bool IsFixedBuffer { get; init; }

    /// <summary>
    /// The attributes that its accessors carry too: <c>[Obsolete]</c>, <c>[Experimental]</c>; for use in source, without brackets.
    /// </summary>
    public EquatableArray<string> Attributes { get; init; }

    /// <summary>The members of an enum, in order of declaration.</summary>
    public EquatableArray<EnumMember> Members { get; init; }

    /// <summary>How many fields it is, those of a nested struct included.</summary>
    public int FieldCount { get; } = 1 + Fields.Sum(static field => field.FieldCount);

    /// <summary>How many structs in it contain each other.</summary>
    public int Depth { get; } = Kind == "struct" ? 1 + Fields.Max(static field => field.Depth) : 0;

    /// <summary>Bytes of the whole field.</summary>
    public int TotalSize => Size * (Length ?? 1);

    /// <summary>The end of the field, exclusive.</summary>
    public int End => Offset + TotalSize;
}

/// <summary>A member of an enum and its value in decimal.</summary>
internal sealed record EnumMember(string Name, string Value);
