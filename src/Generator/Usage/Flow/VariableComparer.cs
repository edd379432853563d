using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>Tells variables apart: symbols as the compiler does, the rest by value.</summary>
internal sealed class VariableComparer : IEqualityComparer<object>
{
    public static readonly VariableComparer Instance = new();

    public new bool Equals(object? left, object? right) =>
        left is ISymbol symbol ? SymbolEqualityComparer.Default.Equals(symbol, right as ISymbol) : object.Equals(left, right);

    public int GetHashCode(object variable) =>
        variable is ISymbol symbol ? SymbolEqualityComparer.Default.GetHashCode(symbol) : variable.GetHashCode();
}
