using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0101: an atomic field is not aligned.</summary>
internal static class MisalignedAtomicRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0101",
        title: "Atomic fields must be aligned",
        messageFormat: "Atomic field '{0}' is at offset {1}, which is no multiple of its size {2}: remove Pack, or move the field",
        category: RuleCategories.Concurrency,
        defaultSeverity: DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "Only aligned loads and stores are atomic; others can be torn, are hundreds of times slower, or fault.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0101.md");

    public static void Check(
        INamedTypeSymbol type, IReadOnlyList<IFieldSymbol> symbols, EquatableArray<FieldSpec> fields, ParseReport report)
    {
        for (int i = 0; i < symbols.Count; i++)
        {
            if (FindMisaligned(fields[i], 0) is var (path, offset, size))
                report.Add(Descriptor, symbols[i], $"{type.Name}.{path}", offset, size);
        }
    }

    private static (string Path, int Offset, int Size)? FindMisaligned(FieldSpec field, int start)
    {
        start += field.Offset;
        if (field.IsAtomic)
            return start % field.Size == 0 ? null : (field.Name, start, field.Size);
        if (field.Fields.Count == 0)
            return null;

        // The second element of an array tells whether all others are aligned.
        for (int element = 0; element < Math.Min(2, field.Length ?? 1); element++)
        {
            foreach (FieldSpec inner in field.Fields)
            {
                if (FindMisaligned(inner, start + (element * field.Size)) is var (path, offset, size))
                    return ($"{field.Name}{(field.Length is null ? "" : $"[{element}]")}.{path}", offset, size);
            }
        }

        return null;
    }
}
