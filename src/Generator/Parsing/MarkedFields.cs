using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TypedShm.Generator;

/// <summary>
/// The fields of a struct that have attributes, as its source shows them. Few have, and to look at the source costs less than to ask the
/// compiler about each.
/// </summary>
internal sealed class MarkedFields
{
    // Null if the struct has no source.
    private readonly Dictionary<string, bool>? _isAtomicAlone;

    public MarkedFields(INamedTypeSymbol type, CancellationToken cancellationToken)
    {
        if (type.DeclaringSyntaxReferences.IsEmpty)
            return;

        _isAtomicAlone = [];
        foreach (SyntaxReference reference in type.DeclaringSyntaxReferences)
        {
            TypeDeclarationSyntax part = (TypeDeclarationSyntax)reference.GetSyntax(cancellationToken);
            bool? isPlain = null;
            foreach (MemberDeclarationSyntax member in part.Members)
            {
                if (member is not FieldDeclarationSyntax { AttributeLists.Count: > 0 } field)
                    continue;
                bool isAtomic = AtomicName.IsAllThatMarks(field) && (isPlain ??= AtomicName.IsPlainIn(part, type));
                foreach (VariableDeclaratorSyntax variable in field.Declaration.Variables)
                    _isAtomicAlone[variable.Identifier.ValueText] = isAtomic;
            }
        }
    }

    /// <summary>What the attributes on a field of the struct say.</summary>
    public FieldMarks Of(IFieldSymbol field)
    {
        if (_isAtomicAlone is null)
            return FieldMarks.Of(field);
        if (!_isAtomicAlone.TryGetValue(field.Name, out bool isAtomic))
            return FieldMarks.None;
        return isAtomic ? FieldMarks.Atomic : FieldMarks.Of(field);
    }
}
