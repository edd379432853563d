namespace TypedShm.TestMessages;

/// <summary>A message of 48 bytes whose parts betray a torn copy.</summary>
[SharedLayout]
internal partial struct Quote
{
    public long Number;
    public long Twice;
    public double Price;
    public long Square;
    public long Spare;
    public long Negative;

    public static Quote Of(long number) =>
        new() { Number = number, Twice = 2 * number, Price = number, Square = number * number, Negative = -number };

    public readonly bool IsWhole => Twice == 2 * Number && Price == Number && Square == Number * Number && Negative == -Number;
}

/// <summary>What calls are answered with: 24 bytes, so that it is not a request by mistake.</summary>
[SharedLayout]
internal partial struct Answer
{
    public long Number;
    public long Square;
    public long Negative;

    public static Answer To(in Quote quote) => new() { Number = quote.Number, Square = quote.Square, Negative = quote.Negative };

    public readonly bool IsTo(long number) => Number == number && Square == number * number && Negative == -number;
}
