namespace TypedShm.Tool.Layouts;

/// <summary>Where a layout comes from: a channel that is there, or an assembly.</summary>
internal static class LayoutSource
{
    /// <summary>Reads layouts.</summary>
    /// <param name="source">The path of an assembly, or the name of a channel.</param>
    /// <param name="type">Of an assembly, the struct that is wanted; all of them if null.</param>
    public static IReadOnlyList<(string Name, LayoutDescriptor Layout)> Read(string source, string? type)
    {
        if (!IsAssembly(source))
        {
            using SharedInspector inspector = Verbs.Arguments.Open(source);
            return inspector.ResponseLayout is { } response
                ? [(inspector.Layout.Name, inspector.Layout), (response.Name, response)]
                : [(inspector.Layout.Name, inspector.Layout)];
        }

        IReadOnlyList<(string Type, LayoutDescriptor Layout)> all = AssemblyLayouts.Read(source);
        if (type is null)
            return all;
        (string, LayoutDescriptor)[] named =
            [.. all.Where(found => found.Type == type || found.Type.EndsWith($".{type}", StringComparison.Ordinal))];
        return named.Length > 0
            ? named
            : throw new ToolException(ExitCode.NotFound,
                $"'{source}' declares no shared struct '{type}', but {string.Join(", ", all.Select(found => found.Type))}.");
    }

    /// <summary>Reads the one layout of <c>SOURCE</c> or <c>ASSEMBLY:TYPE</c>.</summary>
    public static (string Name, LayoutDescriptor Layout) ReadOne(string source)
    {
        int colon = source.LastIndexOf(':');
        IReadOnlyList<(string Name, LayoutDescriptor Layout)> found = colon > 0 && IsAssembly(source[..colon])
            ? Read(source[..colon], source[(colon + 1)..])
            : Read(source, null);
        return found.Count == 1
            ? (source, found[0].Layout)
            : throw new ToolException(ExitCode.Usage, $"'{source}' has {found.Count} layouts: "
                + $"{string.Join(", ", found.Select(one => one.Name))}. Say which one: {source}:{found[0].Name}.");
    }

    private static bool IsAssembly(string source) =>
        source.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) || source.EndsWith(".exe", StringComparison.OrdinalIgnoreCase);
}
