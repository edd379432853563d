namespace TypedShm.Generator;

/// <summary>Members of generated types, which are named after fields and so may be called anything.</summary>
internal static class MemberNames
{
    private static readonly string[] s_inherited = ["Equals", "GetHashCode", "GetType", "ToString", "MemberwiseClone", "ReferenceEquals"];

    /// <summary><c>new </c> if a member of that name hides one of <see cref="object"/>'s, as the field itself does.</summary>
    public static string HidingModifier(FieldSpec field) => s_inherited.Contains(field.Name) ? "new " : "";

    public static string Modifier(FieldSpec field) => field.Access == FieldAccess.Internal ? "internal" : "public";

    /// <summary>A name that no field has.</summary>
    public static string Unused(string name, LayoutSpec layout)
    {
        while (layout.Fields.Any(field => field.Name == name))
            name += "_";
        return name;
    }

    /// <summary>What is obsolete in the source is so in what is generated for it; and only obsolete code may use what is obsolete as an error.</summary>
    public static void EmitObsolete(SourceWriter writer, string? attribute)
    {
        if (attribute is not null)
            writer.Line($"[{attribute}]");
    }

    /// <summary>What a field is, for doc comments: <c>int64, 8 bytes at offset 16</c>.</summary>
    public static string Describe(FieldSpec field)
    {
        string kind = field.Length is int length ? $"{field.Kind}[{Literal.Of(length)}]" : field.Kind;
        return $"{kind}, {Literal.Of(field.TotalSize)} {(field.TotalSize == 1 ? "byte" : "bytes")} at offset {Literal.Of(field.Offset)}";
    }
}
