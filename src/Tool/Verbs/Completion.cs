using System.CommandLine;

namespace TypedShm.Tool.Verbs;

/// <summary><c>completion</c>: a script that lets a shell complete verbs, options and names of channels.</summary>
internal static class Completion
{
    public static Command Create()
    {
        Argument<string> shell = new("SHELL") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        Command command = new(
            "completion",
            """
            Prints a script that completes verbs, options and the names of channels.

            Examples:
              source <(typedshm completion bash)
              typedshm completion fish > ~/.config/fish/completions/typedshm.fish
            """)
        {
            shell,
        };
        command.SetAction(parsed => Console.Out.Write(parsed.GetRequiredValue(shell) switch
        {
            "bash" => Bash,
            "zsh" => Zsh,
            _ => Fish,
        }));
        return command;
    }

    private const string Bash =
        """
        _typedshm() {
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$(typedshm "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _typedshm typedshm

        """;

    private const string Zsh =
        """
        _typedshm() {
            local -a found
            found=("${(@f)$(typedshm "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
            compadd -a found
        }
        compdef _typedshm typedshm

        """;

    private const string Fish =
        """
        complete -c typedshm -f -a '(typedshm "[suggest:"(commandline -C)"]" (commandline -cp) 2>/dev/null)'

        """;
}
