using System.Globalization;
using System.Reflection;
using TypedShm.BuildCost;

// What the generator costs a build: the processor time of the compiler on 700 structs of 20 fields, with and without the package, and how
// much source is generated. Median of interleaved runs; only the ratios mean something on a machine that others use too. What is generated
// is compiled once more as source that somebody wrote, which is the least that it can cost, however it is made.
const double MostTime = 3;
const double MostSource = 15;

if (args is not ([] or [_]) || (args is [var given] && !(int.TryParse(given, out int number) && number > 0)))
{
    Console.Error.WriteLine("BuildCost [RUNS]    compares builds with and without the generator; 5 runs of each");
    return 2;
}

int runs = args is [var some] ? int.Parse(some, CultureInfo.InvariantCulture) : 5;
string generator = typeof(Compiler).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
    .Single(static data => data.Key == "Generator").Value!;
string directory = Directory.CreateTempSubdirectory("typedshm-build-cost-").FullName;
try
{
    (IReadOnlyList<string> files, long sourceBytes) = SampleProject.WriteTo(directory);
    Compiler compiler = new(directory, files);

    string generated = Directory.CreateDirectory(Path.Combine(directory, "generated")).FullName;
    compiler.Run("warm", generator, $"/generatedfilesout:{generated}");
    FileInfo[] generatedFiles = [.. new DirectoryInfo(generated).EnumerateFiles("*.cs", SearchOption.AllDirectories)];
    long generatedBytes = generatedFiles.Sum(static file => file.Length);
    string[] written = [.. generatedFiles.Select(static file => file.FullName)];

    List<TimeSpan> without = [];
    List<TimeSpan> least = [];
    List<TimeSpan> generating = [];
    List<TimeSpan> whole = [];
    for (int run = 0; run < runs; run++)
    {
        without.Add(compiler.Run("without", null));
        least.Add(compiler.Run("least", null, written));
        generating.Add(compiler.Run("generating", generator, "/skipanalyzers+"));
        whole.Add(compiler.Run("whole", generator));
    }

    TimeSpan baseline = Median(without);
    double ratio = Median(whole) / baseline;
    double growth = (double)generatedBytes / sourceBytes;
    Print("without the generator", baseline.TotalSeconds, "s");
    Print("what is generated as source", Median(least).TotalSeconds, "s");
    Print("with the generator", Median(generating).TotalSeconds, "s");
    Print("with generator and analyzers", Median(whole).TotalSeconds, "s");
    Print("times the time without", ratio, $"(at most {MostTime:F0})");
    Print("source", sourceBytes / 1024.0, "KiB");
    Print("generated", generatedBytes / 1024.0, "KiB");
    Print("times the source", growth, $"(at most {MostSource:F0})");
    return ratio <= MostTime && growth <= MostSource ? 0 : 1;
}
finally
{
    Directory.Delete(directory, recursive: true);
}

static void Print(string what, double value, string unit) =>
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-30}{value,12:F2} {unit}"));

static TimeSpan Median(List<TimeSpan> times)
{
    times.Sort();
    return (times[(times.Count - 1) / 2] + times[times.Count / 2]) / 2;
}
