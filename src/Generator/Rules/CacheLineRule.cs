using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0102: a value that the processor handles in one step lies in two cache lines.</summary>
internal static class CacheLineRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0102",
        title: "A field lies in two cache lines",
        messageFormat: "'{0}' has {1} bytes at offset {2} and so lies in two cache lines of {3} bytes, where a reader can see half of "
            + "a write: remove Pack, or move the field to a multiple of {1}",
        category: RuleCategories.Concurrency,
        defaultSeverity: DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "A load or store that crosses the boundary of a cache line is two, and both lines travel between the cores.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0102.md");

    private const int CacheLine = 64;

    public static void Check(IFieldSymbol symbol, FieldSpec field, ParseReport report)
    {
        if (FindStraddling(field, 0, symbol.ContainingType.Name) is var (path, offset, size))
            report.Add(Descriptor, symbol, path, size, offset, CacheLine);
    }

    private static (string Path, int Offset, int Size)? FindStraddling(FieldSpec field, int start, string path)
    {
        start += field.Offset;
        path = $"{path}.{field.Name}";

        // Larger values, and those made of several, are not read in one step wherever they are.
        bool isWord = field.Shape is FieldShape.Value or FieldShape.InlineArray or FieldShape.FixedBuffer && field.Size is 2 or 4 or 8
            && field.Alignment == field.Size;
        if (!isWord && field.Fields.Count == 0)
            return null;

        // After a line's worth of elements the pattern repeats.
        for (int element = 0; element < Math.Min(field.Length ?? 1, CacheLine); element++)
        {
            int offset = start + (element * field.Size);
            string elementPath = field.Length is null ? path : $"{path}[{element}]";
            if (isWord && offset / CacheLine != (offset + field.Size - 1) / CacheLine)
                return (elementPath, offset, field.Size);
            foreach (FieldSpec inner in field.Fields)
            {
                if (FindStraddling(inner, offset, elementPath) is { } found)
                    return found;
            }
        }

        return null;
    }
}
