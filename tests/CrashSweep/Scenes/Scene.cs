using TypedShm.CrashSweep.Driving;
using TypedShm.CrashSweep.Victims;

namespace TypedShm.CrashSweep.Scenes;

/// <summary>
/// A channel and the role that the victim has in it: what the victim does, and what the other side has to find afterwards.
/// </summary>
internal abstract class Scene
{
    public static Scene[] All { get; } =
    [
        new StructWriter(), new StructPeer(),
        new StateWriter(), new StateReader(),
        new TableWriter(), new TableReader(),
        new QueueWriter(), new QueueOwner(), new QueueReader(), new QueueProducer(), new QueueConsumer(),
        new BroadcastWriter(lossless: false), new BroadcastReader(lossless: false),
        new BroadcastWriter(lossless: true), new BroadcastReader(lossless: true),
        new CallServer(), new CallClient(),
    ];

    /// <summary>The channel and the victim's role.</summary>
    public abstract string Name { get; }

    /// <summary>The same, short enough for the head of a narrow column.</summary>
    public abstract string Code { get; }

    public static Scene Named(string name) => All.First(scene => scene.Name == name);

    /// <summary>The victim's side, from the first step to the last: it may be ended anywhere in between.</summary>
    public abstract void Live(Life life);

    /// <summary>
    /// The other side, on a thread of its own: begins before the victim, ends when it has found out that the victim is gone, has checked
    /// all that the victim left, and has worked with a successor.
    /// </summary>
    public abstract void Survive(Trial trial);
}
