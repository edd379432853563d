using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace TypedShm.Generator;

/// <summary>TSHM0118: an [Atomic] field of a live struct is read or written past its view.</summary>
internal sealed class PlainAtomicRule(Action<Diagnostic> report) : FlowRule(report)
{
    internal static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0118",
        title: "An [Atomic] field is accessed as a plain one",
        messageFormat: "'{0}' is marked [Atomic], but this {1} it without: use {2} of the view",
        category: RuleCategories.Concurrency,
        defaultSeverity: DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "Through Value a field is plain memory, whatever it is marked: a read may be moved or left out, and of two "
            + "increments at the same time one is lost.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0118.md");

    public override void Loaded(Value value, IOperation place) => Check(value, place, "reads", "Read()");

    public override void Stored(Value value, IOperation place)
    {
        bool isChange = place.Parent is IIncrementOrDecrementOperation or ICompoundAssignmentOperation;
        Check(value, place, isChange ? "changes" : "writes", isChange ? "Increment(), Add() or CompareExchange()" : "Write()");
    }

    private void Check(Value value, IOperation place, string what, string remedy)
    {
        // A pattern names the field itself, a reference was made of it before.
        IOperation access = Operations.Bare(place);
        IFieldSymbol? field = (access as IFieldReferenceOperation)?.Field;
        if (field is not null && MetadataNames.FindAttribute(field, MetadataNames.Atomic) is null)
            return;
        if (value.Those(field is null ? Link.Atomic : Link.Inside).Any(static origin => SharedTypes.IsLive(origin.Type)))
            Report(Descriptor, access.Syntax.GetLocation(), field?.Name ?? access.Syntax.ToString(), what, remedy);
    }
}
