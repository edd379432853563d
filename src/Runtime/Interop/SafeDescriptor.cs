using System.Runtime.InteropServices;
using Tmds.Linux;

namespace TypedShm.Interop;

/// <summary>Owns a file descriptor. Its number is nobody's to keep: <see cref="Native"/> borrows it for a call.</summary>
internal sealed class SafeDescriptor : SafeHandle
{
    public SafeDescriptor(int descriptor)
        : base(-1, ownsHandle: true) => SetHandle(descriptor);

    /// <summary>Who sent it, for a descriptor that was received.</summary>
    public DescriptorSender Sender { get; init; }

    public override bool IsInvalid => handle == -1;

    protected override bool ReleaseHandle() => LibC.close((int)handle) == 0;
}
