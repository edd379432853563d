namespace TypedShm.Generator;

/// <summary>Members of generated types, which are named after fields and so may be called anything.</summary>
internal static class MemberNames
{
    private static readonly string[] s_inherited = ["Equals", "GetHashCode", "GetType", "ToString", "MemberwiseClone", "ReferenceEquals"];

    /// <summary>
    /// Attributes and modifiers of a member that is named after a field: <c>new </c> if it hides one of <see cref="object"/>'s, as the
    /// field itself does.
    /// </summary>
    public static string Modifiers(FieldSpec field) =>
        $"{Attributes(field.Attributes)}{(field.Access == FieldAccess.Internal ? "internal" : "public")} "
            + $"{(s_inherited.Contains(field.Name) ? "new " : "")}";

    /// <summary>A name that no field has.</summary>
    public static string Unused(string name, LayoutSpec layout)
    {
        while (layout.Fields.Any(field => field.Name == name))
            name += "_";
        return name;
    }

    /// <summary>Whether no field has the name, so that a member of a view or of the offsets can.</summary>
    public static bool IsFree(string name, LayoutSpec layout) => !layout.Fields.Any(field => field.Name == name);

    /// <summary>
    /// What is obsolete or experimental in the source is so in what is generated for it; and only obsolete code may use what is obsolete
    /// as an error.
    /// </summary>
    public static string Attributes(EquatableArray<string> attributes) =>
        string.Concat(attributes.Select(static attribute => $"[{attribute}] "));
}
