using Xunit;

namespace TypedShm.Channels.Tests;

/// <summary>A theory with a process of another user.</summary>
internal sealed class RootTheoryAttribute : TheoryAttribute
{
    public RootTheoryAttribute()
    {
        if (Interop.Native.UserId != 0)
            Skip = "Only root can start a process of another user.";
    }
}
