namespace TypedShm.Generator;

/// <summary>A shared struct as a layout file records it: its layout, as in a region, and the members of the enums in it.</summary>
/// <param name="TypeName">The full metadata name: <c>Acme.Outer+Quote</c>.</param>
/// <param name="Name">The simple name.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Alignment">Bytes.</param>
/// <param name="Fields">The fields, in order of declaration.</param>
internal sealed record PublishedStruct(string TypeName, string Name, int Size, int Alignment, EquatableArray<PublishedField> Fields);

/// <summary>One field of a <see cref="PublishedStruct"/>.</summary>
/// <param name="Name">The name.</param>
/// <param name="Kind">The kind, as docs/format.md lists them.</param>
/// <param name="Offset">Bytes from the start of what contains it.</param>
/// <param name="Size">Bytes; of an array, of one element.</param>
/// <param name="Length">Elements of an array, or null.</param>
/// <param name="IsAtomic">Whether it is marked <c>[Atomic]</c>.</param>
/// <param name="Fields">The fields of a shared struct.</param>
/// <param name="Members">The members of an enum, in order of declaration.</param>
internal sealed record PublishedField(
    string Name, string Kind, int Offset, int Size, int? Length, bool IsAtomic,
        EquatableArray<PublishedField> Fields, EquatableArray<EnumMember> Members);
