using TypedShm;

namespace Camera;

/// <summary>The header of a picture. Its pixels, one byte of brightness each, are the payload.</summary>
[SharedLayout]
public partial struct Frame
{
    public const int FullWidth = 1920;
    public const int FullHeight = 1080;
    public const int BarWidth = 64;

    public long Number;
    public int Width;
    public int Height;

    // What is to be seen: a bar that moves over a background that changes.
    public static byte Background(long number) => (byte)number;

    public static byte Bar(long number) => (byte)(number + 128);

    public static int BarPosition(long number) => (int)(number * 8 % (FullWidth - BarWidth));
}
