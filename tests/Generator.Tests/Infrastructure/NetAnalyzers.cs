using System.Collections.Immutable;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace TypedShm.Generator.Tests;

/// <summary>The analyzers of the .NET SDK, and how severe <c>AnalysisLevel latest-all</c> makes their rules.</summary>
internal static partial class NetAnalyzers
{
    private static readonly string s_directory = FindDirectory();

    public static ImmutableArray<DiagnosticAnalyzer> All { get; } =
    [
        .. new[] { "Microsoft.CodeAnalysis.NetAnalyzers.dll", "Microsoft.CodeAnalysis.CSharp.NetAnalyzers.dll" }
            .SelectMany(static file => Assembly.LoadFrom(Path.Combine(s_directory, file)).GetTypes())
            .Where(static type => !type.IsAbstract && type.IsSubclassOf(typeof(DiagnosticAnalyzer))
                && (type.GetCustomAttribute<DiagnosticAnalyzerAttribute>()?.Languages.Contains(LanguageNames.CSharp) ?? false))
            .Select(static type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!),
    ];

    public static ImmutableDictionary<string, ReportDiagnostic> LatestAll { get; } = ReadLatestAll();

    private static ImmutableDictionary<string, ReportDiagnostic> ReadLatestAll()
    {
        string text = File.ReadAllText(Path.Combine(s_directory, "build/config/analysislevel_10_all.globalconfig"));
        return SeverityLine().Matches(text).ToImmutableDictionary(
            static line => line.Groups["id"].Value,
            static line => line.Groups["severity"].Value == "warning" ? ReportDiagnostic.Warn : ReportDiagnostic.Suppress);
    }

    private static string FindDirectory()
    {
        string sdks = Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "../../../sdk");
        string newest = Directory.GetDirectories(sdks, "10.*").OrderBy(static path => Version.Parse(Path.GetFileName(path).Split('-')[0]))
            .Last();
        return Path.Combine(newest, "Sdks/Microsoft.NET.Sdk/analyzers");
    }

    [GeneratedRegex(@"^dotnet_diagnostic\.(?<id>\w+)\.severity = (?<severity>\w+)", RegexOptions.Multiline)]
    private static partial Regex SeverityLine();
}
