using System.Runtime.InteropServices;

namespace TypedShm.CrossProcess;

/// <summary>What the figures were measured on.</summary>
internal static class Machine
{
    /// <summary>This program, for processes that take part in a figure.</summary>
    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, typeof(Machine).Assembly.GetName().Name!);

    public static string Describe()
    {
        const string Model = "model name";
        string processor = File.ReadLines("/proc/cpuinfo")
            .FirstOrDefault(line => line.StartsWith(Model, StringComparison.Ordinal))?.Split(": ")[1]
            ?? $"{RuntimeInformation.ProcessArchitecture}";
        string load = File.ReadAllText("/proc/loadavg").Split(' ')[0];
        string kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        return $"{processor}, {Environment.ProcessorCount} cores, Linux {kernel}, {RuntimeInformation.FrameworkDescription}, load {load}";
    }
}
