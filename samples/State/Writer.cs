using TypedShm;

namespace Robot;

internal static class Writer
{
    /// <summary>Moves the arm, and publishes each step twice: as a state, and, for comparison, as a live struct.</summary>
    public static int Run(string name, Func<bool> until)
    {
        using SharedStateWriter<Pose> state = SharedState.Create<Pose>(name);
        using SharedStructWriter<Pose> live = SharedStruct.Create<Pose>($"{name}.live");

        // At full speed, which is more than any robot needs. Nobody is waited for: a state has room for the next value at any time.
        for (long step = 0; step % 1000 != 0 || !until(); step++)
        {
            Pose pose = Pose.At(step);
            state.Write(pose);       // seen as a whole or not at all
            live.Value = pose;       // 136 bytes of plain memory, which a reader may find half written
        }

        Console.WriteLine($"writer, process {Environment.ProcessId}: published {state.Version:N0} poses");
        return 0;
    }
}
