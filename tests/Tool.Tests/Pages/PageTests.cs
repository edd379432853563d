using System.Text.Json;
using TypedShm.TestKit;
using Xunit;

namespace TypedShm.Tool.Tests.Pages;

/// <summary>The page of <c>typedshm web</c>, in a browser.</summary>
[Collection(nameof(Browser))]
public sealed class PageTests(Browser browser)
{
    [BrowserFact]
    public async Task All_channels_are_listed_while_they_are_there()
    {
        string state = NamesDirectory.NewName("state");
        string queue = NamesDirectory.NewName("queue");
        string nobody = NamesDirectory.NewName("nobody");
        using Peer first = Command.Offer(state, "state");
        using Peer second = Command.Offer(nobody, "nobody");
        using WebCommand web = await WebCommand.Start();
        await using Tab tab = await browser.Open();
        await tab.Show(web);

        await tab.Holds($"rows('.all').some(row => /^{state}\\|state\\|Quote\\|.*\\|{first.Id}\\|/.test(row))");
        await tab.Holds($"rows('.all').some(row => /^{nobody}\\|denied\\|/.test(row))");
        using (Peer third = Command.Offer(queue, "queue"))
        {
            third.Ask("5");

            // Its depth is the last but one.
            await tab.Holds($"rows('.all').some(row => /^{queue}\\|queue\\|Quote\\|.*\\|{third.Id}\\|.*\\|5\\|[^|]*$/.test(row))");
            await tab.Holds($"{Listed(queue)} !== undefined");
        }

        await tab.Holds($"!rows('.all').some(row => row.startsWith('{queue}|')) && {Listed(queue)} === undefined");
        await CheckManners(web, tab);
    }

    [BrowserTheory]
    [InlineData("struct", 9, new[] { "Rate", "Published", "Peers" })]
    [InlineData("state", 49, new[] { "Rate", "Published", "Peers", "Age" })]
    [InlineData("table", 0, new[] { "Rate", "Published", "Peers" })]
    [InlineData("live-table", 0, new[] { "Rate", "Published", "Peers" })]
    [InlineData("broadcast", 49, new[] { "Rate", "Published", "Laps", "Peers" })]
    [InlineData("lossless", 49, new[] { "Rate", "Published", "Depth", "Laps", "Peers" })]
    public async Task Values_are_there_live_and_plotted_over_time(string kind, int square, string[] tiles)
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, kind);
        peer.Ask(kind == "struct" ? "3" : "7");
        using WebCommand web = await WebCommand.Start();
        await using Tab tab = await browser.Open();
        await tab.Show(web, name);
        string shown = JsonSerializer.Serialize(tiles);

        await tab.Holds($"values().includes('{square}') && JSON.stringify(tiles()) === '{shown}' && plots().includes('Square')");
        await tab.Holds("document.querySelectorAll('.layouts svg .map-part').length > 5");

        // What is constant is a line across.
        await tab.Holds("line('Square').width > 8");
        Assert.InRange(await tab.Ask<int>("line('Square').height"), 1, 5);

        // Element 0 of a table is written when the numbers have come round.
        peer.Ask(kind switch { "table" => "100", "live-table" => "10", _ => "5" });
        int changed = kind switch { "struct" => 8, "table" => 100, "live-table" => 10, _ => 12 };
        await tab.Holds($"values().includes('{changed * changed}')");
        await tab.Holds("line('Square').height > 40");
        Assert.Equal("joined 0, refused 0, peers 0", peer.Ask("told"));
        await CheckManners(web, tab);
    }

    [BrowserTheory]
    [InlineData("queue", "5 of 64", 1)]
    [InlineData("call", "0 of 16", 2)]
    public async Task What_is_between_two_ends_has_figures_and_layouts(string kind, string depth, int layouts)
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, kind);
        if (kind == "queue")
            peer.Ask("5");
        using WebCommand web = await WebCommand.Start();
        await using Tab tab = await browser.Open();
        await tab.Show(web, name);

        await tab.Holds($"[...document.querySelectorAll('.tile dd')].some(value => value.textContent === '{depth}')");
        await tab.Holds($"document.querySelectorAll('.layouts svg').length === {layouts}");
        Assert.Equal(["Rate", "Depth"], await tab.Ask<string[]>("plots()"));
        Assert.True(await tab.Ask<bool>("document.querySelector('.values').hidden && !document.querySelector('.note').hidden"));
        await CheckManners(web, tab);
    }

    [BrowserFact]
    public async Task A_creator_that_goes_away_is_shown_and_one_that_comes_back_is_taken_up()
    {
        string name = NamesDirectory.NewName();
        using WebCommand web = await WebCommand.Start();
        await using Tab tab = await browser.Open();
        using (Peer peer = Command.Offer(name, "state"))
        {
            peer.Ask("7");
            await tab.Show(web, name);
            await tab.Holds("values().includes('49') && line('Square').width > 8");
            peer.Kill();
            await tab.Holds("/creator is gone/.test(document.querySelector('.problem:not([hidden])')?.textContent)");
        }

        Assert.True(await tab.Ask<bool>("document.querySelector('.stale') !== null && values().includes('49')"));
        await tab.Holds($"{Listed(name)} === undefined");
        using Peer next = Command.Offer(name, "state");
        next.Ask("3");
        await tab.Holds("values().includes('9') && document.querySelector('.problem').hidden && !document.querySelector('.stale')");
        await tab.Holds($"document.querySelector('.facts').textContent.includes('process {next.Id} ')");

        // What the one before had is still in the plot.
        await tab.Holds("line('Square').height > 40");
        await CheckManners(web, tab);
    }

    [BrowserFact]
    public async Task A_plot_is_there_for_the_field_that_is_chosen()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, "state");
        peer.Ask("7");
        using WebCommand web = await WebCommand.Start();
        await using Tab tab = await browser.Open();
        await tab.Show(web, name);
        await tab.Holds("plots().includes('Square')");
        string[] before = await tab.Ask<string[]>("plots()");

        await tab.Page.ClickAsync(".values .toggle[aria-label='Plot Square']");
        await tab.Holds("!plots().includes('Square')");
        Assert.Equal(before.Where(plot => plot != "Square"), await tab.Ask<string[]>("plots()"));

        await tab.Page.ClickAsync(".values .toggle[aria-label='Plot Square']");
        await tab.Holds("plots().includes('Square') && line('Square').width > 8");
        await CheckManners(web, tab);
    }

    [BrowserFact]
    public async Task Names_and_texts_of_peers_are_text()
    {
        // Names that begin with @ are those of the whole machine.
        string name = $"@<img src=x onerror=document.title='taken'>-{Environment.ProcessId}";
        using Peer peer = Command.Offer(name, "hostile");
        peer.Ask("3");
        using WebCommand web = await WebCommand.Start();
        await using Tab tab = await browser.Open();
        await tab.Show(web);
        await tab.Holds($"rows('.all').some(row => row.startsWith({JsonSerializer.Serialize(name)} + '|'))");
        await tab.Holds($"{Listed(name)} !== undefined");
        await tab.Page.EvaluateExpressionAsync($"{Listed(name)}.click()");

        await tab.Holds("values().length === 3 && values()[0] === '3'");
        Assert.Equal(["3", "1.5", "</td><img src=x onerror=\"document.title='taken'\">"], await tab.Ask<string[]>("values()"));
        Assert.Equal(name, await tab.Ask<string>("document.querySelector('h2').textContent"));
        Assert.Equal(0, await tab.Ask<int>("document.querySelectorAll('img, script:not([src])').length"));
        Assert.Equal($"{name} · typedshm", await tab.Ask<string>("document.title"));
        await CheckManners(web, tab);
    }

    [BrowserFact]
    public async Task What_is_not_of_the_page_itself_is_refused()
    {
        using WebCommand web = await WebCommand.Start();
        await using Tab tab = await browser.Open();
        await tab.Show(web);
        await tab.Holds("document.querySelector('.link.live') !== null");
        Assert.Empty(await tab.Refusals);

        await tab.Page.EvaluateExpressionAsync("""
            const script = document.createElement("script");
            script.textContent = "document.title = 'taken'";
            document.body.append(script);
            const image = document.createElement("img");
            image.src = "http://evil.example/";
            document.body.append(image);
            fetch("http://127.0.0.1:1/").catch(() => {});
            """);

        await tab.Holds("refusals.length === 3");
        Assert.Equal(["connect-src: http://127.0.0.1:1/", "img-src: http://evil.example/", "script-src-elem: inline"],
            (await tab.Refusals).Order(StringComparer.Ordinal));
        Assert.NotEqual("taken", await tab.Ask<string>("document.title"));
        await Until.Holds(() => tab.Errors.Length > 0);
    }

    [BrowserFact]
    public async Task The_keyboard_is_enough()
    {
        string name = NamesDirectory.NewName("keys");
        using Peer peer = Command.Offer(name, "state");
        peer.Ask("2");
        using WebCommand web = await WebCommand.Start();
        await using Tab tab = await browser.Open();
        await tab.Show(web);
        await tab.Holds($"{Listed(name)} !== undefined");

        await tab.Page.Keyboard.PressAsync("/");
        await tab.Page.Keyboard.TypeAsync(name);
        await tab.Page.Keyboard.PressAsync("ArrowDown");
        await tab.Holds($"document.querySelector('h2').textContent === '{name}' && values().includes('4')");
        await tab.Page.Keyboard.PressAsync("Escape");
        await tab.Page.Keyboard.PressAsync("p");
        await tab.Holds("document.getElementById('pause').getAttribute('aria-pressed') === 'true'");

        // Another page has the next value; the one that holds its picture does not.
        peer.Ask("1");
        await using Tab other = await browser.Open();
        await other.Show(web, name);
        await other.Holds("values().includes('9')");
        Assert.DoesNotContain("9", await tab.Ask<string[]>("values()"));
        await tab.Page.BringToFrontAsync();
        await tab.Page.Keyboard.PressAsync("p");
        await tab.Holds("values().includes('9')");
        await CheckManners(web, tab);
    }

    [BrowserFact]
    public async Task A_page_that_is_closed_is_not_worked_for_and_one_without_its_server_says_so()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, "state");
        await using Tab tab = await browser.Open();
        using (WebCommand web = await WebCommand.Start())
        {
            await tab.Show(web, name);
            await tab.Holds("document.querySelector('.link.live') !== null");
            await Until.Holds(() => web.Mappings > 0);
            await tab.Page.GoToAsync("about:blank");
            await Until.Holds(() => web.Mappings == 0);
            await tab.Page.GoToAsync($"{web.Address.GetLeftPart(UriPartial.Path)}#token=wrong&channel={name}");
            await tab.Holds("document.querySelector('.link.refused') !== null");
            Assert.Equal((0, 0), (web.Mappings, await tab.Ask<int>("document.querySelectorAll('nav a, .values tbody tr').length")));
            await tab.Page.GoToAsync("about:blank");
            await tab.Show(web);
            await tab.Holds("document.querySelector('.link.live') !== null");
        }

        await tab.Holds("document.querySelector('.link.lost') !== null");
    }

    // The link to a channel in the list at the side; undefined if there is none.
    private static string Listed(string name) =>
        $"[...document.querySelectorAll('nav a')].find(link => link.querySelector('.name').title === {JsonSerializer.Serialize(name)})";

    // What every page is held to.
    private static async Task CheckManners(WebCommand web, Tab tab)
    {
        Assert.Empty(tab.Errors);
        Assert.Empty(await tab.Refusals);
        Assert.NotEmpty(tab.Requests);
        Assert.All(tab.Requests, request =>
            Assert.StartsWith($"GET {web.Address.GetLeftPart(UriPartial.Path)}", request, StringComparison.Ordinal));
    }
}
