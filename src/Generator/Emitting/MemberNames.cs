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

    /// <summary>Whether no field has the name, so that a member of a view or of the offsets can.</summary>
    public static bool IsFree(string name, LayoutSpec layout) => !layout.Fields.Any(field => field.Name == name);

    /// <summary>What is obsolete or experimental in the source is so in what is generated for it; and only obsolete code may use what is obsolete as an error.</summary>
    public static void EmitAttributes(SourceWriter writer, EquatableArray<string> attributes)
    {
        foreach (string attribute in attributes)
            writer.Line($"[{attribute}]");
    }
}
