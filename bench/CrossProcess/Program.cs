using System.Diagnostics;
using System.Globalization;
using TypedShm;
using TypedShm.CrossProcess;
using TypedShm.CrossProcess.Measuring;
using TypedShm.CrossProcess.Reports;
using TypedShm.CrossProcess.Workloads;

// What channels cost between two processes on two cores, each figure beside what a C program, or something else of .NET, takes
// for the same at the same time.
const string Usage = """
    CrossProcess [--quick] [--only NAME] [--json FILE] [--markdown FILE] [--plots DIR] [--list]

      --quick          three pairs a figure instead of nine, shorter rounds, no rivals; at most 60 s
      --only NAME      the figures whose name begins so; may be repeated
      --json FILE      writes all samples
      --markdown FILE  writes the tables between the marks <!-- figures --> and <!-- /figures --> of a page
      --plots DIR      draws latency.svg, sizes.svg and lanes.svg
      --list           the names of the figures
    """;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
switch (args)
{
    case ["side", string side, string workload, string name, string divisor]:
        Catalog.Divisor = int.Parse(divisor, CultureInfo.InvariantCulture);
        Side.Be(side == "main", workload, name);
        return 0;
    case ["count"]:
        Instructions.Count();
        return 0;
}

if (Arguments.Parse(args) is not { } arguments)
{
    Console.Error.WriteLine(Usage);
    return 2;
}

Figure[] figures = [.. Figures.All.Where(arguments.Selects)];
if (arguments.List)
{
    foreach (Figure figure in figures)
        Console.WriteLine($"{figure.Name,-30} {figure.What}");
    return 0;
}

if (figures.Length == 0)
{
    Console.Error.WriteLine($"No figure's name begins with {string.Join(" or ", arguments.Only)}; --list shows them.");
    return 2;
}

if (Affinity.Cores < 2)
{
    Console.Error.WriteLine("Two processes on two cores are measured, but this one may use only one core.");
    return 1;
}

try
{
    Stopwatch watch = Stopwatch.StartNew();
    Console.Error.WriteLine($"Building the C programs in {Yardsticks.Directory}.");
    Yardsticks.Build();
    Catalog.Divisor = arguments.Quick ? 4 : 1;
    Interleaving interleaving = new(arguments.Quick ? 3 : 9, arguments.Quick ? 2 : 4);
    List<Result> results = [];
    for (int i = 0; i < figures.Length; i++)
    {
        // What one figure does not need, the others can have.
        TimeSpan most = (arguments.Most - watch.Elapsed) / (figures.Length - i);
        Result result = most > TimeSpan.Zero
            ? interleaving.Measure(figures[i], most)
            : new Result(figures[i], [], 0) { Failure = $"the {arguments.Most.TotalSeconds} s for all figures were over" };
        results.Add(result);
        Console.Error.WriteLine($"{watch.Elapsed.TotalSeconds,4:F0} s  {i + 1,2} of {figures.Length}  {TextReport.Line(result)}");
    }

    Report report = new(Machine.Describe(), DateTime.UtcNow, arguments.Quick, results);
    TextReport.Write(Console.Out, report);
    if (arguments.Json is not null)
        JsonReport.Write(arguments.Json, report);
    if (arguments.Markdown is not null)
        MarkdownReport.Write(arguments.Markdown, report);
    if (arguments.Plots is not null)
        Plots.Write(arguments.Plots, report);
    return 0;
}
catch (MissingToolException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}
finally
{
    Scratch.Delete();
}
