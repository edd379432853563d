using TypedShm.CrossProcess.Measuring;

namespace TypedShm.CrossProcess;

/// <summary>What the program is asked for.</summary>
internal sealed record Arguments
{
    public bool Quick { get; private init; }

    public bool List { get; private init; }

    public string? Json { get; private init; }

    public string? Markdown { get; private init; }

    public string? Plots { get; private init; }

    public IReadOnlyList<string> Only { get; private init; } = [];

    /// <summary>How long all figures may take. What was begun is ended, so there is some time in reserve.</summary>
    public TimeSpan Most => TimeSpan.FromSeconds(Quick ? 45 : 780);

    /// <returns>Null if they are not understood.</returns>
    public static Arguments? Parse(ReadOnlySpan<string> args)
    {
        Arguments arguments = new();
        while (!args.IsEmpty)
        {
            (arguments, int used) = args switch
            {
                ["--quick", ..] => (arguments with { Quick = true }, 1),
                ["--list", ..] => (arguments with { List = true }, 1),
                ["--json", string file, ..] => (arguments with { Json = file }, 2),
                ["--markdown", string file, ..] => (arguments with { Markdown = file }, 2),
                ["--plots", string directory, ..] => (arguments with { Plots = directory }, 2),
                ["--only", string name, ..] => (arguments with { Only = [.. arguments.Only, name] }, 2),
                _ => (arguments, 0),
            };
            if (used == 0)
                return null;
            args = args[used..];
        }

        return arguments;
    }

    public bool Selects(Figure figure) => Only.Count == 0
        ? figure.IsQuick || !Quick
        : Only.Any(name => figure.Name.StartsWith(name, StringComparison.Ordinal));
}
