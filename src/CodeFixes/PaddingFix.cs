using System.Collections.Immutable;
using System.Composition;
using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;
using TypedShm.Generator;

namespace TypedShm.CodeFixes;

/// <summary>Makes padding explicit, or orders the fields so that there is none; what is then left at the end becomes explicit.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class PaddingFix : SharedLayoutFix
{
    private const string Explicit = "explicit";
    private const string Reorder = "reorder";

    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [PaddingRule.Descriptor.Id];

    internal override IEnumerable<(string Key, string Title)> GetFixes(DiagnosticContext target)
    {
        if (Candidate.Of(target) is not { } candidate)
            yield break;
        if (candidate.GapsAreBetweenDeclarations)
            yield return (Explicit, "Make the padding explicit");
        if (candidate.Reordered() is { } reordered && reordered.Padding < candidate.Padding)
            yield return (Reorder, "Reorder the fields to remove padding");
    }

    internal override async Task Edit(SolutionEditor editor, DiagnosticContext target, string key)
    {
        Candidate candidate = Candidate.Of(target)!;
        TypeDeclarationSyntax type = key == Reorder ? candidate.Reordered()!.WithPadding() : candidate.WithPadding();
        (await editor.GetDocumentEditorAsync(target.Document.Id, target.CancellationToken).ConfigureAwait(false))
            .ReplaceNode(candidate.Type, type);
    }

    /// <summary>A struct, and the declarations of its fields with what they declare.</summary>
    private sealed record Candidate(TypeDeclarationSyntax Type, List<(FieldDeclarationSyntax Syntax, FieldSpec[] Fields)> Declarations,
        int Pack, SyntaxTrivia EndOfLine)
    {
        private FieldSpec[] Fields { get; } = [.. Declarations.SelectMany(static declaration => declaration.Fields)];

        public int Padding => Gaps().Sum(static gap => gap.Length);

        public bool GapsAreBetweenDeclarations =>
            Gaps().All(gap => gap.Before is not int index || DeclarationOf(index).Fields[0] == Fields[index]);

        public static Candidate? Of(DiagnosticContext target)
        {
            if (target.TypeDeclaration is not { } type
                || target.Model.GetDeclaredSymbol(type, target.CancellationToken) is not { } symbol
                || StructParser.Parse(symbol, problems: null, target.CancellationToken) is not { } layout)
            {
                return null;
            }

            List<(FieldDeclarationSyntax, FieldSpec[])> declarations = [];
            foreach (FieldDeclarationSyntax field in type.Members.OfType<FieldDeclarationSyntax>().Where(IsInstance))
                declarations.Add((field, [.. field.Declaration.Variables.Select(variable =>
                    layout.Fields.First(spec => spec.Name == variable.Identifier.ValueText))]));

            // The fields may stand in another part of the struct than the one that is marked.
            return declarations.Count > 0
                ? new Candidate(type, declarations, DeclaredLayout.Of(symbol).Pack, Whitespace.EndOfLine(type))
                : null;
        }

        /// <summary>
        /// The fields from the largest alignment to the smallest, otherwise in the order that they have; null if they cannot be moved.
        /// </summary>
        public Candidate? Reordered()
        {
            // A directive before a field would move with it, and take others under its spell.
            if (Type.Members.Any(static member => member.ContainsDirectives))
                return null;

            List<(FieldDeclarationSyntax Syntax, FieldSpec[] Fields)> ordered =
                [.. Declarations.OrderByDescending(static declaration => declaration.Fields[0].Alignment)];
            int next = 0;
            SyntaxList<MemberDeclarationSyntax> members = SyntaxFactory.List(Type.Members.Select(member =>
                member is FieldDeclarationSyntax field && IsInstance(field) ? ordered[next++].Syntax : member));
            TypeDeclarationSyntax type = (TypeDeclarationSyntax)Type.WithMembers(members);

            // The nodes are new ones in the new tree.
            next = 0;
            return new Candidate(type, [.. type.Members.OfType<FieldDeclarationSyntax>().Where(IsInstance)
                .Select(field => (field, ordered[next++].Fields))], Pack, EndOfLine);
        }

        public TypeDeclarationSyntax WithPadding()
        {
            Dictionary<MemberDeclarationSyntax, List<MemberDeclarationSyntax>> after = [];
            int number = 0;
            foreach (Gap gap in Gaps())
                after[DeclarationOf((gap.Before ?? Fields.Length) - 1).Syntax] = Fill(gap, ref number);

            List<MemberDeclarationSyntax> members = [];
            foreach (MemberDeclarationSyntax member in Type.Members)
            {
                members.Add(member);
                if (after.TryGetValue(member, out List<MemberDeclarationSyntax>? fields))
                    members.AddRange(fields);
            }

            return (TypeDeclarationSyntax)Type.WithMembers(SyntaxFactory.List(members));
        }

        private static bool IsInstance(FieldDeclarationSyntax field) =>
            !field.Modifiers.Any(SyntaxKind.StaticKeyword) && !field.Modifiers.Any(SyntaxKind.ConstKeyword);

        private (FieldDeclarationSyntax Syntax, FieldSpec[] Fields) DeclarationOf(int index) =>
            Declarations.First(declaration => declaration.Fields.Contains(Fields[index]));

        private List<Gap> Gaps()
        {
            ComputedLayout layout = LayoutCalculator.Compute([.. Fields.Select(static spec =>
                new FieldExtent(spec.TotalSize, spec.Alignment, FixedOffset: null))], Pack, size: 0);
            return TypedShm.Generator.Padding.GapsIn(
                [.. Fields.Select((spec, index) => spec with { Offset = (int)layout.Offsets[index] })], (int)layout.Size);
        }

        // Numbers, each at a multiple of its size: no alignment grows, and no 'unsafe' is needed.
        private List<MemberDeclarationSyntax> Fill(Gap gap, ref int number)
        {
            List<MemberDeclarationSyntax> fields = [];
            int offset = gap.Offset;
            int left = gap.Length;
            while (left > 0)
            {
                (string type, int size) = offset switch
                {
                    _ when left >= 8 && offset % 8 == 0 => ("ulong", 8),
                    _ when left >= 4 && offset % 4 == 0 => ("uint", 4),
                    _ when left >= 2 && offset % 2 == 0 => ("ushort", 2),
                    _ => ("byte", 1),
                };
                string name;
                do
                    name = "_padding" + (++number).ToString(CultureInfo.InvariantCulture);
                while (Fields.Any(spec => spec.Name == name));
                fields.Add(SyntaxFactory.ParseMemberDeclaration($"private {type} {name};")!
                    .WithLeadingTrivia(Whitespace.IndentationOf(Declarations[0].Syntax))
                    .WithTrailingTrivia(EndOfLine));
                offset += size;
                left -= size;
            }

            return fields;
        }
    }
}
