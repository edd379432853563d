using System.Diagnostics.CodeAnalysis;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace TypedShm.Generator.Tests;

/// <summary>What TypedShm.targets tells the compiler of a project that has a layout file.</summary>
internal static class WithLayoutFile
{
    public static AnalyzerOptions Of(string text) => new([new LayoutFileText(text)], new Provider());

    private sealed class LayoutFileText(string text) : AdditionalText
    {
        public override string Path => "/project/Acme.layout.json";

        public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(text);
    }

    private sealed class Provider : AnalyzerConfigOptionsProvider
    {
        public override AnalyzerConfigOptions GlobalOptions { get; } = new On("build_property.TypedShmLayoutFile");

        public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => new On("");

        public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) =>
            new On("build_metadata.AdditionalFiles.TypedShmLayoutFile");
    }

    private sealed class On(string name) : AnalyzerConfigOptions
    {
        public override bool TryGetValue(string key, [NotNullWhen(true)] out string? value)
        {
            value = key == name ? "true" : null;
            return value is not null;
        }
    }
}
