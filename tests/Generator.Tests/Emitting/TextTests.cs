namespace TypedShm.Generator.Tests;

public class TextTests
{
    [Fact]
    public Task Text_of_every_size() => Snapshot.Verify("""
        using TypedShm;
        namespace Acme;

        [SharedLayout]
        public partial struct Labels
        {
            public Text16 A;
            public Text32 B;
            public Text64 C;
            public Text128 D;
            public Text256 E;
        }
        """);

    [Fact]
    public Task Inline_array_marked_as_text() => Snapshot.Verify("""
        using System.Runtime.CompilerServices;
        using TypedShm;
        namespace Acme;

        [InlineArray(20)] public struct Twenty { private byte _first; }

        [SharedLayout]
        public partial struct Labels
        {
            [Text] public Twenty Text;
            public Twenty Bytes;
            [Text] public readonly Twenty Fixed;
        }
        """);
}
