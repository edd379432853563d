using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using TypedShm.TestKit;
using Xunit;

namespace TypedShm.Tool.Tests;

/// <summary>What <c>typedshm web</c> serves, and to whom, without a browser.</summary>
public sealed partial class WebTests
{
    [Fact]
    public async Task It_listens_on_loopback_only()
    {
        using WebCommand web = await WebCommand.Start();

        string port = web.Address.Port.ToString("X4", CultureInfo.InvariantCulture);
        string[] listening = [.. File.ReadLines("/proc/net/tcp").Concat(File.ReadLines("/proc/net/tcp6"))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(parts => parts[3] == "0A" && parts[1].EndsWith($":{port}", StringComparison.Ordinal)).Select(parts => parts[1])];

        Assert.Equal([$"0100007F:{port}"], listening);
    }

    [Fact]
    public async Task All_files_of_the_page_are_there_and_may_do_nothing_else()
    {
        using WebCommand web = await WebCommand.Start();
        Queue<string> wanted = new([""]);
        HashSet<string> seen = [];
        while (wanted.TryDequeue(out string? file))
        {
            if (!seen.Add(file))
                continue;
            using HttpResponseMessage response = await web.Browser.GetAsync(new Uri(file, UriKind.Relative));
            Assert.True(response.IsSuccessStatusCode, file);
            string policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
            Assert.StartsWith("default-src 'none'; script-src 'self';", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
            if (file.EndsWith(".css", StringComparison.Ordinal))
                continue;
            foreach (Match link in Link().Matches(await response.Content.ReadAsStringAsync()))
                wanted.Enqueue(link.Groups["file"].Value);
        }

        Assert.Superset(new HashSet<string>(["app.js", "channel.js", "page.css", "vendor/uPlot.iife.min.js"]), seen);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer")]
    [InlineData("Bearer 00000000000000000000000000000000")]
    [InlineData("Basic TOKEN")]
    public async Task Who_has_no_token_gets_nothing(string? authorization)
    {
        using WebCommand web = await WebCommand.Start();
        using HttpRequestMessage request = new(HttpMethod.Get, "events");
        web.Browser.DefaultRequestHeaders.Authorization = null;
        if (authorization is not null)
            request.Headers.TryAddWithoutValidation("Authorization", authorization.Replace("TOKEN", web.Token, StringComparison.Ordinal));

        using HttpResponseMessage response = await web.Browser.SendAsync(request);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsStringAsync());
        Assert.Equal(0, web.Mappings);
        Assert.Equal(32, web.Token.Length);
    }

    [Theory]
    [InlineData("evil.example", false)]
    [InlineData("127.0.0.1.evil.example", false)]
    [InlineData("localhost:80", true)]
    [InlineData("127.0.0.1", true)]
    public async Task A_name_that_is_made_to_point_here_is_refused(string host, bool isServed)
    {
        using WebCommand web = await WebCommand.Start();
        foreach (string path in (string[])["", "events"])
        {
            using HttpRequestMessage request = new(HttpMethod.Get, path);
            request.Headers.Host = host;

            using HttpResponseMessage response = await web.Browser.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

            Assert.Equal(isServed ? HttpStatusCode.OK : HttpStatusCode.BadRequest, response.StatusCode);
        }
    }

    [Fact]
    public async Task Another_origin_is_not_let_in_and_nothing_can_be_changed()
    {
        using WebCommand web = await WebCommand.Start();
        foreach (HttpMethod method in (HttpMethod[])[HttpMethod.Options, HttpMethod.Post, HttpMethod.Put, HttpMethod.Delete])
        {
            using HttpRequestMessage request = new(method, "events");
            request.Headers.TryAddWithoutValidation("Origin", "http://evil.example");
            request.Headers.TryAddWithoutValidation("Access-Control-Request-Headers", "authorization");

            using HttpResponseMessage response = await web.Browser.SendAsync(request);

            Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
            Assert.DoesNotContain(response.Headers, header => header.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
        }
    }

    [Theory]
    [InlineData("struct")]
    [InlineData("state")]
    [InlineData("broadcast")]
    public async Task A_page_gets_values_by_field_name(string kind)
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, kind);
        using WebCommand web = await WebCommand.Start();
        using WebCommand.Events page = await web.Follow(name);
        JsonElement channel = await page.Next("channel");
        peer.Ask("7");

        Assert.Equal((kind, "Quote", peer.Id), (channel.GetProperty("kind").GetString(), channel.GetProperty("type").GetString(),
            channel.GetProperty("pid").GetInt32()));
        Assert.StartsWith("<svg ", channel.GetProperty("layouts")[0].GetProperty("svg").GetString(), StringComparison.Ordinal);
        JsonElement[] fields = [.. (await page.Next("fields")).GetProperty("fields").EnumerateArray()];
        int square = Array.FindIndex(fields, field => field.GetProperty("path").GetString() == "Square");
        Assert.True(fields[square].GetProperty("isNumber").GetBoolean());
        JsonElement sample = await page.Next("sample", sample => sample.GetProperty("texts")[square].GetString() == "49");
        Assert.Equal((7, 49), (sample.GetProperty("published").GetInt64(), sample.GetProperty("numbers")[square].GetDouble()));
        Assert.Equal("joined 0, refused 0, peers 0", peer.Ask("told"));
    }

    [Fact]
    public async Task A_page_gets_the_list_and_the_depth_of_a_queue()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, "queue");
        peer.Ask("5");
        using WebCommand web = await WebCommand.Start();
        using WebCommand.Events page = await web.Follow(name);

        JsonElement sample = await page.Next("sample", sample => sample.GetProperty("depth").ValueKind == JsonValueKind.Number);
        Assert.Equal(5, sample.GetProperty("depth").GetInt64());
        JsonElement list = await page.Next("channels", list => Listed(list, name) is not null);
        Assert.Equal(5, Listed(list, name)!.Value.GetProperty("depth").GetInt64());
    }

    [Fact]
    public async Task A_channel_may_come_and_go()
    {
        string name = NamesDirectory.NewName();
        using WebCommand web = await WebCommand.Start();
        using WebCommand.Events page = await web.Follow(name, element: 7);
        Assert.Contains("no such channel", (await page.Next("problem")).GetProperty("message").GetString(), StringComparison.Ordinal);
        using (Peer peer = Command.Offer(name, "table"))
        {
            await page.Next("channel");
            peer.Ask("7");
            await page.Next("sample", sample => sample.GetProperty("texts").EnumerateArray().FirstOrDefault() is var first
                && first.ValueKind == JsonValueKind.String && first.GetString() == "7");
        }

        Assert.Contains("gone", (await page.Next("problem")).GetProperty("message").GetString(), StringComparison.Ordinal);
        using Peer next = Command.Offer(name, "state");
        Assert.Contains("elements 0 to 0", (await page.Next("problem")).GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_policy_denies_is_listed_and_not_shown()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, "nobody");
        using WebCommand web = await WebCommand.Start();
        using WebCommand.Events page = await web.Follow(name);

        Assert.NotEmpty((await page.Next("problem")).GetProperty("message").GetString()!);
        JsonElement list = await page.Next("channels", list => Listed(list, name) is not null);
        Assert.Equal("denied", Listed(list, name)!.Value.GetProperty("kind").GetString());
    }

    [Fact]
    public async Task Nothing_is_looked_at_after_the_page_is_closed()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, "state");
        using WebCommand web = await WebCommand.Start();
        Assert.Equal(0, web.Mappings);
        using (WebCommand.Events page = await web.Follow(name))
        using (WebCommand.Events other = await web.Follow())
        {
            await other.Next("channels", list => Listed(list, name) is not null);
            await page.Next("channel");
            Assert.NotEqual(0, web.Mappings);
        }

        await Until.Holds(() => web.Mappings == 0);
        using WebCommand.Events again = await web.Follow();
        await again.Next("channels", list => Listed(list, name) is not null);
        Assert.NotEqual(0, web.Mappings);
    }

    [Fact]
    public async Task Ctrl_C_ends_it_though_a_page_is_open()
    {
        using WebCommand web = await WebCommand.Start();
        using WebCommand.Events page = await web.Follow();
        await page.Next("channels");
        Command.Interrupt(web.Process);

        Assert.Equal(new Outcome(0, "", ""), await Command.End(web.Process));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_1_and_one_that_is_none_is_2()
    {
        using WebCommand web = await WebCommand.Start();

        Outcome taken = await Command.Run("web", "--port", web.Address.Port.ToString(CultureInfo.InvariantCulture));

        Assert.Equal((1, ""), (taken.ExitCode, taken.Output));
        Assert.Contains("is taken", taken.Errors, StringComparison.Ordinal);
        Assert.Equal(2, (await Command.Run("web", "--port", "65536")).ExitCode);
    }

    private static JsonElement? Listed(JsonElement list, string name)
    {
        JsonElement found = list.GetProperty("channels").EnumerateArray()
            .FirstOrDefault(channel => channel.GetProperty("name").GetString() == name);
        return found.ValueKind == JsonValueKind.Undefined ? null : found;
    }

    [GeneratedRegex("""(?:href|src|from)[= ]"(?:\./)?(?<file>[a-zA-Z/.]+\.(?:css|js|svg))" """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Link();
}
