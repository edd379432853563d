using Microsoft.AspNetCore.Http;

namespace TypedShm.Tool.Web;

/// <summary>
/// A file of the page. They are resources of the assembly, so that the tool is one file when it is compiled ahead of time.
/// </summary>
/// <param name="path">Where it is served.</param>
/// <param name="resource">Its name in the assembly.</param>
internal sealed class Asset(string path, string resource)
{
    private const string Prefix = "page/";
    private const string Start = "index.html";

    private readonly byte[] _content = Read(resource);

    private readonly string _type = System.IO.Path.GetExtension(resource) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        ".js" => "text/javascript; charset=utf-8",
        var other => throw new InvalidOperationException($"The page has no type for files of '{other}'."),
    };

    /// <summary>Every file: nothing else can be asked for.</summary>
    public static IReadOnlyList<Asset> All { get; } = [.. typeof(Asset).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
        .Select(name => new Asset(name == Prefix + Start ? "/" : $"/{name[Prefix.Length..]}", name))];

    public string Path => path;

    public async Task Send(HttpContext context)
    {
        context.Response.ContentType = _type;
        context.Response.ContentLength = _content.Length;
        await context.Response.Body.WriteAsync(_content, context.RequestAborted).ConfigureAwait(false);
    }

    private static byte[] Read(string resource)
    {
        using Stream stream = typeof(Asset).Assembly.GetManifestResourceStream(resource)!;
        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
