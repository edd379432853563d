using System.Diagnostics;
using PuppeteerSharp;
using PuppeteerSharp.Media;
using TypedShm.TestKit;

namespace TypedShm.Tool.Tests.Pages;

/// <summary>A tab of a browser, and what its page has asked for and complained of.</summary>
internal sealed class Tab : IAsyncDisposable
{
    // What tests ask the page; and a refusal of its content policy, of which the console need not tell.
    private const string Prepare = """
        () => {
          window.refusals = [];
          document.addEventListener("securitypolicyviolation",
            event => window.refusals.push(`${event.violatedDirective}: ${event.blockedURI}`));
          const all = selector => [...document.querySelectorAll(selector)];
          const texts = elements => elements.map(element => element.textContent);

          // The lines of a table, their cells divided by a bar.
          window.rows = selector => all(`${selector} tbody tr`).map(row => texts([...row.children]).join("|"));
          window.values = () => texts(all(".values td.value"));
          window.tiles = () => texts(all(".tile:not([hidden]) dt"));
          window.plots = () => texts(all(".plot figcaption bdi"));

          // How high and how wide the line of a plot is, in pixels: those that are blue, which nothing else of it is.
          window.line = title => {
            const canvas = all(".plot").find(plot => plot.querySelector("bdi").textContent === title).querySelector("canvas");
            const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
            copy.drawImage(canvas, 0, 0);
            const { data, width } = copy.getImageData(0, 0, canvas.width, canvas.height);
            const [xs, ys] = [[], []];
            for (let at = 0; at < data.length; at += 4) {
              if (data[at + 3] < 120 || data[at + 2] - data[at] < 60)
                continue;
              xs.push(at / 4 % width);
              ys.push(Math.floor(at / 4 / width));
            }
            const extent = values => values.reduce((most, value) => Math.max(most, value), -1)
              - values.reduce((least, value) => Math.min(least, value), Infinity) + 1;
            return xs.length > 0 ? { width: extent(xs), height: extent(ys) } : { width: 0, height: 0 };
          };
        }
        """;

    private readonly IBrowserContext _context;
    private readonly List<string> _errors = [];
    private readonly List<string> _requests = [];

    private Tab(IBrowserContext context, IPage page)
    {
        _context = context;
        Page = page;
        page.Console += (_, message) =>
        {
            if (message.Message.Type is ConsoleType.Error or ConsoleType.Warning)
                Note(_errors, message.Message.Text);
        };
        page.PageError += (_, error) => Note(_errors, error.Message);
        page.Request += (_, request) => Note(_requests, $"{request.Request.Method} {request.Request.Url}");
    }

    public IPage Page { get; }

    /// <summary>What was on its console as an error or a warning, and exceptions that nothing has caught.</summary>
    public string[] Errors => Noted(_errors);

    /// <summary>What it has asked for: method and address.</summary>
    public string[] Requests => Noted(_requests);

    /// <summary>What its content policy has refused.</summary>
    public Task<string[]> Refusals => Ask<string[]>("window.refusals");

    public static async Task<Tab> Of(IBrowserContext context, IPage page)
    {
        await page.EvaluateFunctionOnNewDocumentAsync(Prepare);
        Tab tab = new(context, page);
        await tab.Prefer(isDark: false);
        return tab;
    }

    /// <summary>Shows a channel, or the list.</summary>
    public Task Show(WebCommand web, string? channel = null) =>
        Page.GoToAsync(channel is null ? web.Address.ToString() : $"{web.Address}&channel={Uri.EscapeDataString(channel)}");

    /// <summary>Whoever sits in front of it likes it dark, or light.</summary>
    public Task Prefer(bool isDark) => Page.EmulateMediaFeaturesAsync(
        [new MediaFeatureValue { MediaFeature = MediaFeature.PrefersColorScheme, Value = isDark ? "dark" : "light" }]);

    /// <summary>Waits until an expression of the page holds.</summary>
    public async Task Holds(string expression)
    {
        long begun = Stopwatch.GetTimestamp();
        while (!await Ask<bool>(expression))
        {
            if (Stopwatch.GetElapsedTime(begun) > Until.Patience)
                throw new TimeoutException($"It did not happen: {expression}. The page: {await Ask<string>("document.body.innerText")}");
            await Task.Delay(20);
        }
    }

    /// <summary>What an expression of the page says.</summary>
    public Task<T> Ask<T>(string expression) => Page.EvaluateExpressionAsync<T>(expression);

    public async ValueTask DisposeAsync() => await _context.CloseAsync();

    private static void Note(List<string> notes, string text)
    {
        lock (notes)
            notes.Add(text);
    }

    private static string[] Noted(List<string> notes)
    {
        lock (notes)
            return [.. notes];
    }
}
