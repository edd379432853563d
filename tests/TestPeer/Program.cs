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
