using TypedShm;

/// <summary>In no namespace.</summary>
[SharedLayout]
internal partial struct Alone
{
    public int Value;
}

namespace Acme
{
    /// <summary>Names that the generated code, the runtime or the language might want for themselves.</summary>
    [SharedLayout]
    internal partial struct Names
    {
        public int View, Size, Value, Layout, Version, Verify, Dispose, Item, SharedLayout, Names_, Alignment, Fingerprint, LayoutJson,
            T, value, _value;
        public new int Equals, GetType, ToString, GetHashCode;
        public int @class, @event, @ref, @field, @record, @_;
        public int größe, データ, Мера;
        [Atomic] public int Read, Write;
        public Text16 Set, TrySet;
    }

    /// <summary>Names that differ in case only.</summary>
    [SharedLayout]
    internal partial struct Quote
    {
        public int Price, price, PRICE;
    }

    /// <summary>Names that differ in case only.</summary>
    [SharedLayout]
    internal partial struct QUOTE
    {
        public long Price;
    }
}

namespace acme
{
    /// <summary>Names that differ in case only.</summary>
    [SharedLayout]
    internal partial struct Quote
    {
        public byte Price;
    }
}

namespace Acme.System
{
    /// <summary>In a namespace that hides that of .NET.</summary>
    [SharedLayout]
    internal partial struct Clock
    {
        public long Ticks;
        public global::System.Guid Id;
        public Int32 Number;
    }

    /// <summary>Has the name of one of .NET's.</summary>
    [SharedLayout]
    internal partial struct Int32
    {
        public byte Value;
    }
}

namespace Acme.System.TypedShm
{
    /// <summary>In a namespace that hides that of the library.</summary>
    [global::TypedShm.SharedLayout]
    internal partial struct Clock
    {
        public System.Clock Other;
        public global::TypedShm.Text32 Zone;
    }
}
