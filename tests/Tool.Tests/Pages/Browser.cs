using PuppeteerSharp;
using TypedShm.TestKit;
using Xunit;

namespace TypedShm.Tool.Tests.Pages;

/// <summary>A test that needs Chromium, and is skipped where there is none.</summary>
internal sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute() => Skip = Browser.Obstacle;
}

/// <inheritdoc cref="BrowserFactAttribute"/>
internal sealed class BrowserTheoryAttribute : TheoryAttribute
{
    public BrowserTheoryAttribute() => Skip = Browser.Obstacle;
}

/// <summary>The tests that have one browser, one after the other.</summary>
[CollectionDefinition(nameof(Browser))]
public sealed class BrowserTests : ICollectionFixture<Browser>;

/// <summary>A headless Chromium, started by the first test that opens a tab.</summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly string[] s_arguments =
    [
        // Root has no sandbox of Chromium's.
        "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",

        // It is to talk to nobody but the server of the page: no other name or address is there for it.
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic",
        "--host-resolver-rules=\"MAP * ~NOTFOUND , EXCLUDE 127.0.0.1\"",
    ];

    private static readonly string? s_executable = ((string[])["/usr/bin/chromium", "/usr/bin/chromium-headless-shell"])
        .FirstOrDefault(File.Exists);

    private IBrowser? _browser;

    /// <summary>Why there is no browser; null if there is one.</summary>
    public static string? Obstacle { get; } =
        s_executable is null ? "There is no Chromium on this machine (apt-get install chromium)." : null;

    /// <summary>Opens a tab with no storage in common with others.</summary>
    internal async Task<Tab> Open(int width = 1280, int height = 800)
    {
        _browser ??= await Puppeteer.LaunchAsync(new LaunchOptions
        {
            ExecutablePath = s_executable,
            Timeout = (int)Until.Patience.TotalMilliseconds,
            ProtocolTimeout = (int)Until.Patience.TotalMilliseconds,
            Args = s_arguments,
        });
        IBrowserContext context = await _browser.CreateBrowserContextAsync();
        IPage page = await context.NewPageAsync();
        page.DefaultTimeout = (int)Until.Patience.TotalMilliseconds;
        page.DefaultNavigationTimeout = (int)Until.Patience.TotalMilliseconds;
        await page.SetViewportAsync(new ViewPortOptions { Width = width, Height = height });
        return await Tab.Of(context, page);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_browser is null)
            return;
        await _browser.CloseAsync();
        _browser.Dispose();
    }
}
