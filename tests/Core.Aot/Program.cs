using System.Runtime.InteropServices;
using TypedShm.Core.Aot;

// Checks the core in one process: pairs, and both ends over real sockets. What it prints is the same on every
// architecture, except for the last line; exits 0 if all is well.
if (args is ["--probe"])
{
    Probe.Run();
    return 0;
}

int failed = 0;
foreach ((string name, Action check) in Checks.All)
{
    try
    {
        check();
        Console.WriteLine($"ok    {name}");
    }
    catch (Exception e)
    {
        failed++;
        Console.WriteLine($"FAIL  {name}: {e}");
    }
}

Console.WriteLine($"{Checks.All.Length - failed} passed, {failed} failed");
Console.WriteLine($"on {RuntimeInformation.ProcessArchitecture}");
return failed == 0 ? 0 : 1;
