namespace TypedShm.Generator;

/// <summary>A valid shared struct, as text and numbers: all that the emitter needs, nothing of the compiler's.</summary>
/// <param name="Namespace">The namespace, escaped, or null for the global one.</param>
/// <param name="Containers">The types around the struct, outermost first: <c>partial class Outer</c>.</param>
/// <param name="Keyword"><c>struct</c> or <c>record struct</c>.</param>
/// <param name="Name">The struct's name, without <c>@</c>.</param>
/// <param name="TypeName">The type for use in source: <c>global::Acme.Outer.Quote</c>.</param>
/// <param name="MetadataName">The full metadata name: <c>Acme.Outer+Quote</c>.</param>
/// <param name="IsPublic">Whether other assemblies can see the struct.</param>
/// <param name="HasVolatileFields">Whether a field is <c>volatile</c>.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Alignment">Bytes.</param>
/// <param name="Fields">The fields, in order of declaration.</param>
internal sealed record LayoutSpec(
    string? Namespace, EquatableArray<string> Containers, string Keyword, string Name, string TypeName, string MetadataName,
    bool IsPublic, bool HasVolatileFields, int Size, int Alignment, EquatableArray<FieldSpec> Fields)
{
    /// <summary>The struct's name for use in source.</summary>
    public string Identifier => Identifiers.Escape(Name);

    /// <summary>What makes the struct, or a type around it, obsolete, for use in source, without brackets.</summary>
    public EquatableArray<string> Attributes { get; init; }

    /// <summary>Ids of diagnostics that are not to be reported in generated code.</summary>
    public EquatableArray<string> DisabledIds { get; init; }

    /// <summary>Aliases of referenced assemblies that a field's type is reached by.</summary>
    public EquatableArray<string> ExternAliases { get; init; }

    /// <summary>What is generated besides the views.</summary>
    public GeneratedMembers Members { get; init; }
}
