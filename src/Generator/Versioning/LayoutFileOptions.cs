using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace TypedShm.Generator;

/// <summary>What <c>TypedShm.targets</c> tells the compiler about the layout file.</summary>
internal static class LayoutFileOptions
{
    /// <summary>Whether the project has a layout file, or is to have one.</summary>
    public static bool IsOn(AnalyzerConfigOptionsProvider options) => IsTrue(options.GlobalOptions, "build_property.TypedShmLayoutFile");

    /// <summary>Whether this build is there to write the file.</summary>
    public static bool IsUpdating(AnalyzerConfigOptionsProvider options) =>
        IsTrue(options.GlobalOptions, "build_property.TypedShmUpdatingLayout");

    /// <returns>The layout file, or null if there is none yet.</returns>
    public static AdditionalText? Find(AnalyzerOptions options) => options.AdditionalFiles.FirstOrDefault(
        file => IsTrue(options.AnalyzerConfigOptionsProvider.GetOptions(file), "build_metadata.AdditionalFiles.TypedShmLayoutFile"));

    public static string NameFor(Compilation compilation) => $"{compilation.AssemblyName}.layout.json";

    private static bool IsTrue(AnalyzerConfigOptions options, string name) =>
        options.TryGetValue(name, out string? value) && value.Equals("true", StringComparison.OrdinalIgnoreCase);
}
