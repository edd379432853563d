using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>
/// What is wrong with a struct. The generator only asks whether anything is, and pays for no messages; the analyzer
/// collects them. So the two can never disagree on which structs are valid.
/// </summary>
internal sealed class ParseReport(List<Diagnostic>? problems)
{
    /// <summary>Whether the struct is invalid, so that nothing is generated for it.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Whether the messages are collected, and so all of them are looked for.</summary>
    public bool CollectsDiagnostics => problems is not null;

    /// <summary>The struct is invalid, and the compiler, or a report on another struct, says so.</summary>
    public void Fail() => HasFailed = true;

    /// <summary>Reports a broken rule at a symbol.</summary>
    public void Add(DiagnosticDescriptor rule, ISymbol symbol, params object[] arguments) =>
        Add(rule, symbol.Locations.FirstOrDefault(), arguments);

    /// <summary>Reports a broken rule at a place in the source.</summary>
    public void Add(DiagnosticDescriptor rule, Location? location, params object[] arguments)
    {
        HasFailed |= rule.DefaultSeverity == DiagnosticSeverity.Error;
        problems?.Add(Diagnostic.Create(rule, location, arguments));
    }
}
