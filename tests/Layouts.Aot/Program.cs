using TypedShm.Layouts.Aot;

// Prints the layouts of the corpus. Exits 1 if the generator has computed one that is not the runtime's. With --break one leaf
// is printed a byte off.
Row[] rows = Corpus.All();
if (args is ["--break"])
    rows[^1] = rows[^1] with { Leaves = [rows[^1].Leaves[0] with { Offset = rows[^1].Leaves[0].Offset + 1 }, .. rows[^1].Leaves.Skip(1)] };

string text = string.Join('\n', rows.AsEnumerable());
Console.WriteLine(text);
Console.WriteLine($"{rows.Length} structs, {rows.Sum(static row => row.Leaves.Count)} leaves");
return text.Contains("COMPUTED", StringComparison.Ordinal) ? 1 : 0;
