using TypedShm.CrossProcess.Measuring;

namespace TypedShm.CrossProcess.Reports;

/// <summary>A whole run.</summary>
internal sealed record Report(string Machine, DateTime Time, bool IsQuick, IReadOnlyList<Result> Results);
