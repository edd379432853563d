using System.Globalization;
using CsCheck;
using TypedShm.Generator;
using TypedShm.Layout;

namespace TypedShm.Growth.Tests;

/// <summary>
/// The compiler allows a change of a published layout if, and only if, programs from before and after it understand each
/// other when they run.
/// </summary>
public sealed class SameRule
{
    private static readonly (string Kind, int Size)[] s_kinds = [("uint8", 1), ("int16", 2), ("int32", 4), ("int64", 8), ("float64", 8)];

    [Fact]
    public void What_the_compiler_allows_works_and_what_it_forbids_does_not()
    {
        int allowed = 0;
        int forbidden = 0;
        Gen.Int.Sample(
            seed =>
            {
                Random random = new(seed);
                Draft draft = Draft.Of(random, depth: 0);
                PublishedStruct before = draft.Publish();
                for (int changes = random.Next(3); changes >= 0; changes--)
                    draft.Change(random);
                PublishedStruct after = draft.Publish();

                bool isAllowed = LayoutComparison.Compare(before, after).All(difference => difference.Change == LayoutChange.Addition);
                LayoutDescriptor old = FileText.ToDescriptor(before);
                LayoutDescriptor young = FileText.ToDescriptor(after);
                bool oldReads = LayoutCompatibility.Of(reader: old, writer: young) is { IsByReference: true };
                bool youngReads = LayoutCompatibility.Of(reader: young, writer: old) is { } compatibility
                    && compatibility.IsByReference == (old.Fingerprint == young.Fingerprint);
                Interlocked.Increment(ref isAllowed ? ref allowed : ref forbidden);
                return isAllowed == oldReads && (!isAllowed || youngReads);
            },
            iter: 20_000,
            print: seed =>
            {
                Random random = new(seed);
                Draft draft = Draft.Of(random, depth: 0);
                PublishedStruct before = draft.Publish();
                for (int changes = random.Next(3); changes >= 0; changes--)
                    draft.Change(random);
                PublishedStruct after = draft.Publish();
                return $"{LayoutFile.Write([before])}{LayoutFile.Write([after])}"
                    + string.Join('\n', LayoutComparison.Compare(before, after));
            });
        Assert.InRange(allowed, 2_000, 18_000);
        Assert.InRange(forbidden, 2_000, 18_000);
    }

    /// <summary>A struct before it is laid out.</summary>
    private sealed class Draft
    {
        private static int s_names;

        private readonly List<DraftField> _fields = [];

        public static Draft Of(Random random, int depth)
        {
            Draft draft = new();
            for (int i = random.Next(1, 5); i > 0; i--)
                draft._fields.Add(NewField(random, depth));
            return draft;
        }

        public void Change(Random random)
        {
            int place = random.Next(_fields.Count);
            DraftField field = _fields[place];
            switch (random.Next(16))
            {
                case 0:
                    field.Name = NewName();
                    break;
                case 1:
                    (field.Kind, field.Size) = s_kinds[random.Next(s_kinds.Length)];
                    field.Nested = null;
                    break;
                case 2 when _fields.Count > 1:
                    _fields.RemoveAt(place);
                    break;
                case 3:
                    _fields.Insert(place, NewField(random, 2));
                    break;
                case 4:
                    (_fields[0], _fields[place]) = (_fields[place], _fields[0]);
                    break;
                case 5:
                    field.Length = field.Length is null ? 2 : null;
                    break;
                case 6:
                    field.IsAtomic = field.Nested is null && !field.IsAtomic;
                    break;
                case 7 or 8:
                    field.Nested?.Change(random);
                    break;
                case 9 or 10:
                    _fields[^1].Nested?.Change(random);
                    break;
                case 11:
                    return;
                default:
                    _fields.Add(NewField(random, 1));
                    break;
            }
        }

        public PublishedStruct Publish()
        {
            (List<PublishedField> fields, int size, int alignment) = LayOut();
            return new PublishedStruct("Acme.S", "S", size, alignment, new([.. fields]));
        }

        private (List<PublishedField> Fields, int Size, int Alignment) LayOut()
        {
            List<PublishedField> fields = [];
            int end = 0;
            int most = 1;
            foreach (DraftField field in _fields)
            {
                (List<PublishedField> nested, int size, int alignment) = field.Nested?.LayOut() ?? ([], field.Size, field.Size);
                int offset = AlignUp(end, alignment);
                fields.Add(new PublishedField(field.Name, field.Nested is null ? field.Kind : "struct", offset, size, field.Length,
                    field.IsAtomic, field.Nested is null ? default : new([.. nested]), default));
                end = offset + (size * (field.Length ?? 1));
                most = Math.Max(most, alignment);
            }

            return (fields, AlignUp(end, most), most);
        }

        private static int AlignUp(int value, int alignment) => (value + alignment - 1) / alignment * alignment;

        private static string NewName() => "F" + Interlocked.Increment(ref s_names).ToString(CultureInfo.InvariantCulture);

        private static DraftField NewField(Random random, int depth)
        {
            (string kind, int size) = s_kinds[random.Next(s_kinds.Length)];
            return new DraftField
            {
                Name = NewName(),
                Kind = kind,
                Size = size,
                Length = random.Next(5) == 0 ? random.Next(1, 4) : null,
                Nested = depth < 2 && random.Next(3) == 0 ? Of(random, depth + 1) : null,
            };
        }
    }

    private sealed class DraftField
    {
        public required string Name { get; set; }

        public required string Kind { get; set; }

        public required int Size { get; set; }

        public int? Length { get; set; }

        public bool IsAtomic { get; set; }

        public Draft? Nested { get; set; }
    }
}
