using System.Globalization;

namespace TypedShm.Samples.UnderTheHood;

/// <summary>What one process has of the region: a descriptor, and an address at which the struct's page is mapped.</summary>
internal sealed record Mapped(int Process, int Descriptor, nint Address)
{
    public static Mapped Parse(int process, string line)
    {
        string[] words = line.Split(' ');
        return new Mapped(process, int.Parse(words[0], CultureInfo.InvariantCulture),
            nint.Parse(words[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Descriptor} {Address:x}");
}
