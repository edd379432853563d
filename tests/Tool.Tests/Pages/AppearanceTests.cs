using PuppeteerSharp;
using TypedShm.TestKit;
using Xunit;

namespace TypedShm.Tool.Tests.Pages;

/// <summary>
/// What the page of <c>typedshm web</c> looks like, light and dark, on screens of several widths. With <c>TYPEDSHM_SCREENSHOTS</c> set,
/// what a person would see is written into that directory, to be looked at.
/// </summary>
[Collection(nameof(Browser))]
public sealed class AppearanceTests(Browser browser)
{
    private static readonly string? s_directory = Environment.GetEnvironmentVariable("TYPEDSHM_SCREENSHOTS");

    [BrowserFact]
    public async Task Who_likes_it_dark_gets_it_dark()
    {
        using WebCommand web = await WebCommand.Start();
        await using Tab tab = await browser.Open();
        await tab.Show(web);
        string light = await tab.Ask<string>("getComputedStyle(document.body).backgroundColor");

        await tab.Prefer(isDark: true);

        await tab.Holds($"getComputedStyle(document.body).backgroundColor !== '{light}'");
        Assert.Empty(tab.Errors);
    }

    [BrowserFact]
    public async Task Nothing_is_wider_than_the_screen()
    {
        string name = NamesDirectory.NewName("everything");
        using Peer everything = Command.Offer(name, "everything");
        using Peer queue = Command.Offer(NamesDirectory.NewName("queue"), "queue");
        everything.Ask("5");
        queue.Ask("5");
        using WebCommand web = await WebCommand.Start();
        await using Tab tab = await browser.Open();
        foreach (string? channel in (string?[])[null, name])
        {
            await tab.Show(web, channel);
            await tab.Holds("document.querySelector('nav .rate')?.textContent.endsWith('/s') === true");
            if (channel is not null)
            {
                await tab.Holds("plots().length === 5 && document.querySelector('.layouts svg') !== null");
                everything.Ask("5");
            }

            foreach (int width in (int[])[1600, 1280, 1024, 768, 390])
            {
                await tab.Page.SetViewportAsync(new ViewPortOptions { Width = width, Height = 800 });
                await tab.Holds($"innerWidth === {width} && document.documentElement.scrollWidth <= {width}");
                foreach (bool isDark in (bool[])[false, true])
                    await Take(tab, $"{(channel is null ? "list" : "channel")}-{width}-{(isDark ? "dark" : "light")}.png", isDark);
            }
        }

        Assert.Empty(tab.Errors);
    }

    private static async Task Take(Tab tab, string file, bool isDark)
    {
        if (s_directory is null)
            return;
        Directory.CreateDirectory(s_directory);
        await tab.Prefer(isDark);
        await tab.Page.ScreenshotAsync(Path.Combine(s_directory, file), new ScreenshotOptions { FullPage = true });
    }
}
