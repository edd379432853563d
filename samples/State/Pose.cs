using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TypedShm;

namespace Robot;

/// <summary>
/// The joints of a robot's arm at one step. Angles and speeds of different steps together would be a pose that never was.
/// </summary>
[SharedLayout]
public partial struct Pose
{
    public long Step;
    public Joints Angles;
    public Joints Speeds;

    /// <summary>The pose at a step, the same to the last bit in every process.</summary>
    public static Pose At(long step)
    {
        Pose pose = new() { Step = step };
        for (int joint = 0; joint < 8; joint++)
            (pose.Angles[joint], pose.Speeds[joint]) = Math.SinCos(0.001 * (joint + 1) * step);
        return pose;
    }

    /// <summary>Whether this is the pose of its step, and not parts of several.</summary>
    public readonly bool IsWhole
    {
        get
        {
            Pose expected = At(Step);
            return MemoryMarshal.AsBytes(new ReadOnlySpan<Pose>(in this))
                .SequenceEqual(MemoryMarshal.AsBytes(new ReadOnlySpan<Pose>(in expected)));
        }
    }
}

/// <summary>A number for each joint.</summary>
[InlineArray(8)]
public struct Joints
{
    private double _first;
}
