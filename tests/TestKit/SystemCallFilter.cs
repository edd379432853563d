using System.Runtime.InteropServices;

namespace TypedShm.TestKit;

/// <summary>Runs a program under a filter that refuses system calls, as seccomp profiles of containers do.</summary>
public static unsafe partial class SystemCallFilter
{
    private const int SetNoNewPrivileges = 38;
    private const int SetFilter = 1;
    private const ushort LoadWord = 0x20;
    private const ushort JumpIfEqual = 0x15;
    private const ushort Return = 0x06;
    private const uint Allow = 0x7FFF0000;
    private const uint RefuseWith = 0x00050000;

    private static readonly bool s_isX64 = RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>The numbers of the calls that can be refused.</summary>
    private static readonly Dictionary<string, uint> s_numbers = new()
    {
        ["membarrier"] = s_isX64 ? 324u : 283u,
        ["futex_waitv"] = 449,
    };

    private static long SeccompNumber => s_isX64 ? 317 : 277;

    /// <summary>Becomes a program. Does not return.</summary>
    /// <param name="program">Its path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="refused">The names of the calls that are refused, and with which error.</param>
    public static void Exec(string program, string[] arguments, params ReadOnlySpan<(string Call, int Error)> refused)
    {
        // Before the new program starts, since a runtime that has found membarrier once relies on it.
        List<Instruction> code = [new(LoadWord, 0, 0, 0)];
        foreach ((string call, int error) in refused)
        {
            code.Add(new(JumpIfEqual, 0, 1, s_numbers[call]));
            code.Add(new(Return, 0, 0, RefuseWith | (uint)error));
        }

        code.Add(new(Return, 0, 0, Allow));
        fixed (Instruction* first = code.ToArray())
        {
            FilterProgram filter = new() { Length = (ushort)code.Count, Code = first };
            if (prctl(SetNoNewPrivileges, 1, 0, 0, 0) != 0 || syscall(SeccompNumber, SetFilter, 0, (nint)(&filter)) != 0)
                throw new InvalidOperationException($"The filter could not be set: {Marshal.GetLastPInvokeErrorMessage()}.");
        }

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
