using System.Runtime.InteropServices;
using Tmds.Linux;

namespace TypedShm.Interop;

/// <summary>Owns a file descriptor.</summary>
internal sealed class SafeDescriptor : SafeHandle
{
    public SafeDescriptor(int descriptor)
        : base(-1, ownsHandle: true) => SetHandle(descriptor);

    /// <summary>Who sent it, for a descriptor that was received.</summary>
    public DescriptorSender Sender { get; init; }

    public override bool IsInvalid => handle == -1;

    /// <summary>The number; valid while the caller keeps this object alive and undisposed.</summary>
    public int Number
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return (int)handle;
        }
    }

    protected override bool ReleaseHandle() => LibC.close((int)handle) == 0;
}
