using System.Runtime.InteropServices;

namespace TypedShm.Soak;

/// <summary>Runs this program anew under a filter of system calls that refuses membarrier(2), as containers have it.</summary>
internal static unsafe partial class MembarrierFilter
{
    private const int SetNoNewPrivileges = 38;
    private const int SetFilter = 1;
    private const ushort LoadWord = 0x20;
    private const ushort JumpIfEqual = 0x15;
    private const ushort Return = 0x06;
    private const uint Allow = 0x7FFF0000;
    private const uint RefuseWithPermission = 0x00050000 | 1;

    private static long SeccompNumber => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 317 : 277;

    private static uint MembarrierNumber => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 324u : 283u;

    /// <summary>Does not return.</summary>
    public static void Exec(string program, string[] arguments)
    {
        // Before the new program starts, since a runtime that has found membarrier once relies on it.
        Instruction* code = stackalloc Instruction[]
        {
            new Instruction(LoadWord, 0, 0, 0),
            new Instruction(JumpIfEqual, 0, 1, MembarrierNumber),
            new Instruction(Return, 0, 0, RefuseWithPermission),
            new Instruction(Return, 0, 0, Allow),
        };
        FilterProgram filter = new() { Length = 4, Code = code };
        if (prctl(SetNoNewPrivileges, 1, 0, 0, 0) != 0 || syscall(SeccompNumber, SetFilter, 0, (nint)(&filter)) != 0)
            throw new InvalidOperationException($"The filter could not be set: {Marshal.GetLastPInvokeErrorMessage()}.");

        nint[] words = [.. new[] { program }.Concat(arguments).Select(Marshal.StringToCoTaskMemUTF8), 0];
        fixed (nint* pointer = words)
            execv(program, pointer);
        throw new InvalidOperationException($"{program} could not be started: {Marshal.GetLastPInvokeErrorMessage()}.");
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int prctl(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(long number, nint operation, nint flags, nint argument);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int execv(string path, nint* arguments);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Instruction(ushort Code, byte IfTrue, byte IfFalse, uint Operand);

    private struct FilterProgram
    {
        public ushort Length;
        public Instruction* Code;
    }
}
