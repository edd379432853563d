namespace TypedShm.Generator;

/// <summary>
/// Writes the property <c>View</c> of everything in the runtime that refers to the struct, and of an incoming call, which refers to two,
/// <c>RequestView</c> and <c>ResponseView</c>. What they have in common are interfaces, so that one property serves all ends and claims.
/// It stands in the global namespace: in any other it would not be found unless that namespace is imported.
/// </summary>
internal static class ExtensionEmitter
{
    public static void Emit(SourceWriter writer, LayoutSpec layout)
    {
        string name = $"{layout.Name}SharedViews_{Fnv.ShortHash(layout.MetadataName)}";
        EmitClass(writer, layout, name, ("SharedReference", "View", "Value", false), ("SharedResponse", "ResponseView", "Response", false));
        writer.Line();

        // A class of its own: a property View of the same receiver is one member to the runtime, whatever its constraint.
        EmitClass(writer, layout, name + "_ReadOnly", ("ReadOnlySharedReference", "View", "Value", true),
            ("SharedRequest", "RequestView", "Request", true));
    }

    private static void EmitClass(
        SourceWriter writer, LayoutSpec layout, string name, params (string Contract, string View, string Value, bool IsReadOnly)[] views)
    {
        string attributes = MemberNames.Attributes(layout.Attributes);
        const string Hidden = "[global::System.ComponentModel.EditorBrowsable(global::System.ComponentModel.EditorBrowsableState.Never)]";
        writer.Line($"{Hidden} {attributes}".TrimEnd());
        using (writer.Open($"{(layout.IsPublic ? "public" : "internal")} static class {name}"))
        {
            foreach ((string contract, string view, string value, bool isReadOnly) in views)
            {
                using (writer.Open($"extension<T>(T end) where T : global::TypedShm.I{contract}<{layout.TypeName}>, allows ref struct"))
                {
                    // Aggressive inlining, without which the JIT calls the property for ref structs.
                    const string Inlined = "[global::System.Runtime.CompilerServices.MethodImpl(256)]";
                    writer.Line($"public {layout.TypeName}.{(isReadOnly ? "ReadOnlySharedView" : "SharedView")} {view} {{ {Inlined} "
                        + $"get => new({(isReadOnly ? "in" : "ref")} end.{value}); }}");
                }
            }
        }
    }
}
