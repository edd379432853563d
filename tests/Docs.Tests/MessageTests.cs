using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;
using Xunit.Abstractions;

namespace TypedShm.Docs.Tests;

/// <summary>
/// Every message that a user can get, read out of the sources: those of exceptions, of refusals and of diagnostics. The list is printed
/// (<c>--logger "console;verbosity=detailed"</c>), so that somebody can read them one after the other; here are the rules that a program
/// can check. Those of diagnostics are checked by RS1032 too.
/// </summary>
public sealed class MessageTests(ITestOutputHelper output)
{
    private static readonly Message[] s_messages =
    [
        .. Directory.GetFiles(Path.Combine(Page.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(static path => !path.Contains("/obj/", StringComparison.Ordinal))
            .Where(static path => !path.Contains("/Versioning/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .SelectMany(MessagesIn),
    ];

    [Fact]
    public void All_messages()
    {
        foreach (Message message in s_messages)
            output.WriteLine(message.ToString());
        Assert.True(s_messages.Count(static message => message.IsDiagnostic) >= 50, "Diagnostics were not found.");
        Assert.True(s_messages.Count(static message => !message.IsDiagnostic) >= 100, "Exceptions were not found.");
    }

    [Fact]
    public void A_message_of_an_exception_is_a_sentence() => None(
        static message => !message.IsDiagnostic && !(BeginsAsSentence(message.Text) && message.Text[^1] is '.' or '}'));

    [Fact]
    public void No_message_has_a_line_feed() => None(
        static message => message.Text.Contains('\n', StringComparison.Ordinal));

    [Fact]
    public void No_message_has_the_name_of_a_type_with_its_arguments() => None(
        static message => message.Holes.Any(static hole => hole.EndsWith("GetType()", StringComparison.Ordinal)));

    private static void None(Func<Message, bool> wrong) => Assert.Equal("", string.Join('\n', s_messages.Where(wrong)));

    private static bool BeginsAsSentence(string text) => text.Length > 0 && (char.IsUpper(text[0]) || text[0] is '{' or '\'');

    private static IEnumerable<Message> MessagesIn(string path)
    {
        SyntaxNode root = CSharpSyntaxTree.ParseText(File.ReadAllText(path)).GetRoot();
        foreach (SyntaxNode node in root.DescendantNodes())
        {
            (ExpressionSyntax? text, bool isDiagnostic) = node switch
            {
                ObjectCreationExpressionSyntax { Type: IdentifierNameSyntax { Identifier.ValueText: var type } } created
                    when IsTold(type) => (FirstText(created.ArgumentList), false),
                ArgumentSyntax { NameColon.Name.Identifier.ValueText: "messageFormat" } argument => (argument.Expression, true),
                _ => (null, false),
            };
            if (text is null)
                continue;

            StringBuilder words = new();
            List<string> holes = [];
            Append(text, words, holes);
            if (words.Length > 0)
            {
                int line = node.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
                yield return new Message($"{Path.GetRelativePath(Page.Root, path)}:{line}", words.ToString(), holes, isDiagnostic);
            }
        }
    }

    // The text of an ObjectDisposedException is .NET's, but for the name.
    private static bool IsTold(string type) =>
        type == "RefuseMessage" || (type.EndsWith("Exception", StringComparison.Ordinal) && type != nameof(ObjectDisposedException));

    private static ExpressionSyntax? FirstText(ArgumentListSyntax? arguments) => arguments?.Arguments
        .Select(static argument => argument.Expression)
        .FirstOrDefault(static expression => expression is InterpolatedStringExpressionSyntax or BinaryExpressionSyntax
            || expression.IsKind(SyntaxKind.StringLiteralExpression));

    // Parts of a text that are not in the source stand in braces.
    private static void Append(ExpressionSyntax text, StringBuilder words, List<string> holes)
    {
        switch (text)
        {
            case LiteralExpressionSyntax literal:
                words.Append(literal.Token.ValueText);
                break;
            case BinaryExpressionSyntax sum:
                Append(sum.Left, words, holes);
                Append(sum.Right, words, holes);
                break;
            case InterpolatedStringExpressionSyntax interpolated:
                foreach (InterpolatedStringContentSyntax part in interpolated.Contents)
                {
                    if (part is InterpolatedStringTextSyntax plain)
                    {
                        words.Append(plain.TextToken.ValueText);
                    }
                    else if (part is InterpolationSyntax hole)
                    {
                        holes.Add(hole.Expression.ToString());
                        words.Append(CultureInfo.InvariantCulture, $"{{{hole.Expression}}}");
                    }
                }

                break;
            default:
                words.Append(CultureInfo.InvariantCulture, $"{{{text}}}");
                break;
        }
    }

    private sealed record Message(string Place, string Text, List<string> Holes, bool IsDiagnostic)
    {
        public override string ToString() => $"{Place}: {Text}";
    }
}
