using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace TypedShm.Generator;

/// <summary>
/// What generated code has to say or to keep quiet about because a symbol is <c>[Obsolete]</c> or <c>[Experimental]</c>: nothing is ever
/// reported in generated code, but whoever uses it is told what he would be told of the symbol.
/// </summary>
/// <param name="Attributes">The attributes for use in source, without brackets.</param>
/// <param name="Ids">The ids of the diagnostics that they cause, other than the compiler's own.</param>
internal readonly record struct CarriedAttributes(ImmutableArray<string> Attributes, ImmutableArray<string> Ids)
{
    public static CarriedAttributes None { get; } = new([], []);

    public bool IsEmpty => Attributes.IsEmpty && Ids.IsEmpty;

    /// <summary>Whether use of the symbol is an error that cannot be switched off.</summary>
    public static bool IsError(ISymbol symbol) =>
        MetadataNames.FindAttribute(symbol, MetadataNames.Obsolete) is { ConstructorArguments: [_, { Value: true }] } obsolete
            && IdOf(obsolete) is null;

    public static CarriedAttributes Of(ISymbol symbol)
    {
        ImmutableArray<string> attributes = [];
        ImmutableArray<string> ids = [];
        foreach (AttributeData data in symbol.GetAttributes())
        {
            if (data.AttributeClass is not { } type
                || !(MetadataNames.Is(type, MetadataNames.Obsolete) || MetadataNames.Is(type, MetadataNames.Experimental)))
                continue;
            attributes = attributes.Add(Source(type, data));
            if (IdOf(data) is { } id)
                ids = ids.Add(id);
        }

        return new CarriedAttributes(attributes, ids);
    }

    private static string Source(INamedTypeSymbol type, AttributeData data)
    {
        string[] arguments =
        [
            .. data.ConstructorArguments.Select(static argument => argument.ToCSharpString()),
            .. data.NamedArguments.Select(static argument => $"{argument.Key} = {argument.Value.ToCSharpString()}"),
        ];
        string name = TypeNames.Of(type);
        name = name.Substring(0, name.Length - "Attribute".Length);
        return arguments.Length == 0 ? name : $"{name}({string.Join(", ", arguments)})";
    }

    // Of [Experimental] the first argument, of [Obsolete] a named one. What is no identifier cannot stand in a pragma, nor anywhere else.
    private static string? IdOf(AttributeData data)
    {
        object? id = data.AttributeClass is { Name: "ExperimentalAttribute" }
            ? data.ConstructorArguments.FirstOrDefault().Value
            : data.NamedArguments.FirstOrDefault(static argument => argument.Key == "DiagnosticId").Value.Value;
        return id is string text && SyntaxFacts.IsValidIdentifier(text) ? text : null;
    }
}
