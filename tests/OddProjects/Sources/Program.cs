using System;
using System.Runtime.CompilerServices;
using TypedShm;

int passed = 0;

// Every struct goes through shared memory and back, which checks its layout against the runtime's.
Check<Alone>();
Check<Acme.Names>();
Check<Acme.Quote>();
Check<Acme.QUOTE>();
Check<acme.Quote>();
Check<Acme.System.Clock>();
Check<Acme.System.Int32>();
Check<Acme.System.TypedShm.Clock>();
Check<Acme.Places.Outer1.Place>();
Check<Acme.Places.Outer2.IInner.Place>();
Check<Acme.Places.Place>();
Check<Acme.Parts.Point>();
Check<Acme.Parts.Outer.Hidden>();

(SharedStructWriter<Acme.Names> names, SharedStructReader<Acme.Names> namesReader) = SharedStruct.CreatePair<Acme.Names>();
using (names)
using (namesReader)
{
    names.View.View = 1;
    names.View.Equals = 2;
    names.View.@class = 3;
    names.View.データ = 4;
    names.View.Read.Write(5);
    names.View.Set.Set("six");
    Acme.Names.ReadOnlySharedView view = namesReader.View;
    Expect((view.View, view.Equals, view.@class, view.データ, view.Read.Read(), view.Set.ToString()) == (1, 2, 3, 4, 5, "six"),
        "what was written to fields of odd names");
}

(SharedStructWriter<Acme.Places.Place> places, SharedStructReader<Acme.Places.Place> placesReader) =
    SharedStruct.CreatePair<Acme.Places.Place>();
using (places)
using (placesReader)
{
    places.View.Hidden.Where.Y = 7;
    places.View.Inner.Other.Number = 8;
    places.View.Mask.Or(9);
    Acme.Places.Place copy = placesReader.Value;
    Expect((copy.Hidden.Where.Y, copy.Inner.Other.Number, copy.Mask) == (7, 8, 9), "what was written to nested structs");
}

Console.WriteLine($"{passed} structs are what they should be.");

void Check<T>()
    where T : unmanaged, ISharedLayout<T>
{
    LayoutDescriptor layout = LayoutDescriptor.Of<T>();
    Expect(layout.Size == Unsafe.SizeOf<T>(), $"{layout.Name} of {Unsafe.SizeOf<T>()} bytes, found {layout.Size}");
    (SharedStructWriter<T> owner, SharedStructReader<T> reader) = SharedStruct.CreatePair<T>();
    using (owner)
    using (reader)
        Expect(reader.IsByReference, $"{layout.Name} by reference");
    passed++;
}

static void Expect(bool condition, string what)
{
    if (!condition)
        throw new InvalidOperationException($"Expected {what}.");
}
