using System.Runtime.CompilerServices;

namespace TypedShm.Tests.Struct;

/// <summary>What a copy shows that is under way when its end is disposed, and its pages become zeros.</summary>
public sealed class CopiesBesideDispose
{
    private const int Rounds = 30;

    // Three copies on the stack, and room to spare.
    private const int StackSize = 32 << 20;

    [Fact]
    public void A_copy_that_Dispose_overtakes_is_no_copy()
    {
        int copies = 0;
        for (int round = 0; round < Rounds; round++)
        {
            (SharedStructWriter<Plane> writer, SharedStructReader<Plane> reader) = SharedStruct.CreatePair<Plane>();
            ((Span<long>)writer.Value.Pixels).Fill(1);
            Exception? error = null;
            using ManualResetEventSlim isCopying = new();
            Thread copying = new(() => error = Record.Exception((Action)Copy), StackSize);
            copying.Start();
            isCopying.Wait();

            // At another moment of a copy each time.
            Thread.SpinWait(round * 1_000);
            reader.Dispose();
            copying.Join();
            writer.Dispose();
            Assert.IsType<ObjectDisposedException>(error);

            void Copy()
            {
                while (true)
                {
                    Plane copy = reader.Read();
                    Assert.Equal(-1, ((Span<long>)copy.Pixels).IndexOfAnyExcept(1));
                    copies++;
                    isCopying.Set();
                }
            }
        }

        Assert.True(copies >= Rounds);
    }
}

/// <summary>As much that a copy of it takes longer than Dispose takes from its first step to its last.</summary>
[SharedLayout]
public partial struct Plane
{
    public PlanePixels Pixels;
}

[InlineArray(512 * 1024)]
public struct PlanePixels
{
    private long _first;
}
