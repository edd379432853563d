using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace TypedShm.Generator;

/// <summary>
/// Hands the text of the layout file to the target that writes it. A generator can only add source, so the text is the
/// one comment of a file that exists in no other build.
/// </summary>
internal static class LayoutFileOutput
{
    public static void Register(IncrementalGeneratorInitializationContext context)
    {
        // Empty in an ordinary build and in the editor, so that there nothing depends on the whole compilation.
        IncrementalValuesProvider<bool> updating = context.AnalyzerConfigOptionsProvider
            .SelectMany(static (options, _) => LayoutFileOptions.IsUpdating(options) ? (bool[])[true] : []);
        context.RegisterImplementationSourceOutput(updating.Combine(context.CompilationProvider), static (output, pair) =>
        {
            string text = LayoutFile.Write(PublishedStructs.Of(pair.Right, output.CancellationToken));
            output.AddSource("TypedShm.layout.g.cs", SourceText.From($"/*\n{text}*/\n", Encoding.UTF8));
        });
    }
}
