using System.Text;
using TypedShm.Interop;
using TypedShm.Memory;
using TypedShm.Waiting;

namespace TypedShm.Rings;

/// <summary>How a writer has ended its messages. The numbers are part of the format.</summary>
internal enum CompletionState : ulong
{
    None = 0,
    Completed = 1,
    CompletedWithError = 2,
}

/// <summary>Control words with which a writer of messages says that this was all, and why.</summary>
/// <param name="words">Where they stand in the writer's region.</param>
internal readonly unsafe struct CompletionRecord(byte* words)
{
    public const int Length = ErrorOffset + MaxError;

    private const int TotalCountOffset = 0 * ControlWords.Spacing;
    private const int StateOffset = 1 * ControlWords.Spacing;
    private const int ErrorLengthOffset = 2 * ControlWords.Spacing;
    private const int ErrorOffset = ErrorLengthOffset + sizeof(uint);
    private const int MaxError = 1024;

    /// <summary>How many messages were written in all. Valid once <see cref="State"/> is not None.</summary>
    public ref ulong TotalCount => ref *(ulong*)(words + TotalCountOffset);

    /// <summary>A <see cref="CompletionState"/>.</summary>
    public ref ulong State => ref *(ulong*)(words + StateOffset);

    /// <summary>The writer's last word.</summary>
    public void Complete(ulong count, Exception? error, Publisher publisher)
    {
        if (error is not null)
        {
            byte[] text = Encoding.UTF8.GetBytes($"{error.GetType().Name}: {error.Message}");
            int length = Math.Min(text.Length, MaxError);
            text.AsSpan(0, length).CopyTo(new Span<byte>(words + ErrorOffset, length));
            *(uint*)(words + ErrorLengthOffset) = (uint)length;
        }

        // step: complete.store. Published after count and error, so whoever sees the end sees them too.
        TotalCount = count;
        CrashPoint.Reach(CrashStep.CountStored);
        publisher.Publish(ref State, (ulong)(error is null ? CompletionState.Completed : CompletionState.CompletedWithError));
    }

    /// <summary>The error that the writer ended with, as text that is safe to show.</summary>
    public string ErrorText()
    {
        int length = (int)Math.Min(*(uint*)(words + ErrorLengthOffset), MaxError);
        return UntrustedText.Of(new ReadOnlySpan<byte>(words + ErrorOffset, length), MaxError);
    }
}
