namespace TypedShm.Hosting;

/// <summary>Which end of which channel: tags of metrics, words of messages.</summary>
/// <param name="Channel">The channel: <c>state</c>.</param>
/// <param name="Role">The end: <c>writer</c>.</param>
internal sealed record EndKind(string Channel, string Role)
{
    /// <summary>As it is written in a program, without its type arguments: <c>SharedStateWriter</c>.</summary>
    public string TypeName => $"Shared{Capital(Channel)}{Capital(Role)}";

    private static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];
}
