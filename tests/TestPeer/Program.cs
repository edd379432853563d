using System.Globalization;
using TypedShm.TestKit;

namespace TypedShm.TestPeer;

/// <summary>
/// The other process of the tests. It reads commands from its standard input, one a line, and answers each with one
/// line: <c>=</c> and the result, or <c>!</c> and the exception. It ends with its input.
/// </summary>
internal static class Program
{
    private static void Main(string[] arguments)
    {
        if (arguments is ["codegen"])
        {
            Codegen.Run();
            return;
        }

        // CALL=ERROR…: the same, under a filter that refuses these calls.
        if (arguments is ["refused", .. var calls])
        {
            SystemCallFilter.Exec(Environment.ProcessPath!, [typeof(Program).Assembly.Location],
                [.. calls.Select(call => call.Split('=')).Select(pair => (pair[0], int.Parse(pair[1], CultureInfo.InvariantCulture)))]);
        }

        Commands commands = new();
        while (Console.In.ReadLine() is { } line)
        {
            string answer;
            try
            {
                answer = "= " + commands.Run(line.Split(' '));
            }
            catch (Exception error)
            {
                answer = $"! {error.GetType().Name}: {error.Message}";
            }

            Console.Out.WriteLine(answer.ReplaceLineEndings("\\n"));
            Console.Out.Flush();
        }

    }
}
