namespace Camera;

/// <summary>How many pixels have each brightness.</summary>
internal sealed class Histogram
{
    // Four that are added up in the end: neighbours often have the same brightness, and would wait for each other's count.
    private readonly int[] _counts = new int[4 * 256];

    public int this[int brightness] => _counts[brightness];

    public void Compute(ReadOnlySpan<byte> pixels)
    {
        Span<int> a = _counts.AsSpan(0, 256), b = _counts.AsSpan(256, 256), c = _counts.AsSpan(512, 256), d = _counts.AsSpan(768, 256);
        _counts.AsSpan().Clear();
        for (; pixels.Length >= 4; pixels = pixels[4..])
        {
            a[pixels[0]]++;
            b[pixels[1]]++;
            c[pixels[2]]++;
            d[pixels[3]]++;
        }

        foreach (byte pixel in pixels)
            a[pixel]++;
        for (int i = 0; i < 256; i++)
            a[i] += b[i] + c[i] + d[i];
    }
}
