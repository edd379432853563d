namespace TypedShm.Generator;

/// <summary>
/// Writes the property <c>View</c> of everything in the runtime that refers to the struct. It stands in the global namespace:
/// in any other it would not be found unless that namespace is imported.
/// </summary>
internal static class ExtensionEmitter
{
    private static readonly (string Receiver, bool IsReadOnly)[] s_receivers =
    [
        ("SharedStruct", false),
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

    public static void Emit(SourceWriter writer, LayoutSpec layout)
    {
        writer.Line($"/// <summary>The views of <c>{layout.Name}</c>, where the runtime's own objects refer to one.</summary>");
        writer.Line("[global::System.ComponentModel.EditorBrowsable(global::System.ComponentModel.EditorBrowsableState.Never)]");
        MemberNames.EmitObsolete(writer, layout.Obsolete);
        using (writer.Open($"{(layout.IsPublic ? "public" : "internal")} static class {layout.Name}SharedViews_{Fnv.ShortHash(layout.MetadataName)}"))
        {
            bool first = true;
            foreach ((string receiver, bool isReadOnly) in s_receivers)
            {
                if (!first)
                    writer.Line();
                first = false;
                writer.Line("/// <summary>Adds the view.</summary>");
                using (writer.Open($"extension(global::TypedShm.{receiver}<{layout.TypeName}> shared)"))
                {
                    writer.Line(isReadOnly
                        ? "/// <summary>The fields of the struct in shared memory, to be read only.</summary>"
                        : "/// <summary>The fields of the struct in shared memory.</summary>");
                    writer.Line($"public {layout.TypeName}.{(isReadOnly ? "ReadOnlySharedView" : "SharedView")} View => new({(isReadOnly ? "in" : "ref")} shared.Value);");
                }
            }
        }
    }
}
