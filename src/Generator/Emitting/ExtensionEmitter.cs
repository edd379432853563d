namespace TypedShm.Generator;

/// <summary>
/// Writes the property <c>View</c> of everything in the runtime that refers to the struct; of an incoming call, which refers to two, <c>RequestView</c> and
/// <c>ResponseView</c>. It stands in the global namespace: in any other it would not be found unless that namespace is imported.
/// </summary>
internal static class ExtensionEmitter
{
    private static readonly (string Receiver, bool IsReadOnly)[] s_receivers =
    [
        ("SharedStructWriter", false),
        ("SharedStructReader", true),
        ("StateClaim", false),
        ("StateLease", true),
        ("Claim", false),
        ("Lease", true),
        ("BroadcastClaim", false),
        ("BroadcastLease", true),
        ("LiveElement", false),
        ("TableElement", true),
        ("TableClaim", false),
        ("TableLease", true),
    ];

    /// <summary>What refers to two structs, request and response. The struct may be either, and the other one is a type parameter of the extension.</summary>
    private static readonly (string Receiver, bool IsRequest, string Value, string View, bool IsReadOnly)[] s_calls =
    [
        ("CallClaim", true, "Value", "View", false),
        ("CallReply", false, "Value", "View", true),
        ("IncomingCall", true, "Request", "RequestView", true),
        ("IncomingCall", false, "Response", "ResponseView", false),
    ];

    public static void Emit(SourceWriter writer, LayoutSpec layout)
    {
        writer.Line($"/// <summary>The views of <c>{layout.Name}</c>, where the runtime's own objects refer to one.</summary>");
        writer.Line("[global::System.ComponentModel.EditorBrowsable(global::System.ComponentModel.EditorBrowsableState.Never)]");
        MemberNames.EmitObsolete(writer, layout.Obsolete);
        using (writer.Open($"{(layout.IsPublic ? "public" : "internal")} static class {layout.Name}SharedViews_{Fnv.ShortHash(layout.MetadataName)}"))
        {
            string type = layout.TypeName;
            foreach ((string receiver, bool isReadOnly) in s_receivers)
                EmitView(writer, type, $"extension(global::TypedShm.{receiver}<{type}> shared)", "Value", "View", isReadOnly, isFirst: receiver == s_receivers[0].Receiver);

            foreach ((string receiver, bool isRequest, string value, string view, bool isReadOnly) in s_calls)
            {
                string other = isRequest ? "TResponse" : "TRequest";
                string both = isRequest ? $"{type}, {other}" : $"{other}, {type}";
                string constraint = $"where {other} : unmanaged, global::TypedShm.ISharedLayout<{other}>";
                EmitView(writer, type, $"extension<{other}>(global::TypedShm.{receiver}<{both}> shared) {constraint}", value, view, isReadOnly);
            }
        }
    }

    private static void EmitView(SourceWriter writer, string type, string extension, string value, string view, bool isReadOnly, bool isFirst = false)
    {
        if (!isFirst)
            writer.Line();
        writer.Line("/// <summary>Adds the view.</summary>");
        using (writer.Open(extension))
        {
            writer.Line(isReadOnly
                ? "/// <summary>The fields of the struct in shared memory, to be read only.</summary>"
                : "/// <summary>The fields of the struct in shared memory.</summary>");
            writer.Line($"public {type}.{(isReadOnly ? "ReadOnlySharedView" : "SharedView")} {view} => new({(isReadOnly ? "in" : "ref")} shared.{value});");
        }
    }
}
