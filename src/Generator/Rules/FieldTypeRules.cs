using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>Which rule a field breaks whose type cannot be shared.</summary>
internal static class FieldTypeRules
{
    public static void Report(IFieldSymbol field, ITypeSymbol type, ParseReport report)
    {
        // An unknown type is an error of the compiler's already.
        report.Fail();
        if (!report.CollectsDiagnostics || type.TypeKind == TypeKind.Error)
            return;

        string name = $"{field.ContainingType.Name}.{field.Name}";
        string shown = type.ToDisplayString();
        if (type.TypeKind is TypeKind.Pointer or TypeKind.FunctionPointer)
            report.Add(PointerRule.Descriptor, field, name, shown);
        else if (NativeSizeRule.ReplacementFor(type) is { } replacement)
            report.Add(NativeSizeRule.Descriptor, field, name, shown, replacement);
        else if (UnstableLayoutRule.RemedyFor(type) is { } remedy)
            report.Add(UnstableLayoutRule.Descriptor, field, name, shown, remedy);
        else if (!type.IsUnmanagedType)
            report.Add(ReferenceRule.Descriptor, field, name, shown, ReferenceRule.Remedy(type));
        else if (type is INamedTypeSymbol named)
            report.Add(ForeignStructRule.Descriptor, field, name, shown, ForeignStructRule.Remedy(named));
    }
}
