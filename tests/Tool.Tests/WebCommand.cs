using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using TypedShm.TestKit;

namespace TypedShm.Tool.Tests;

/// <summary><c>typedshm web</c>, running, and what a browser would ask it.</summary>
internal sealed class WebCommand : IDisposable
{
    private readonly Process _process;

    private WebCommand(Process process, string address)
    {
        _process = process;
        Address = new Uri(address);
        Token = Address.Fragment["#token=".Length..];
        Browser = new HttpClient { BaseAddress = new Uri(Address.GetLeftPart(UriPartial.Path)), Timeout = Until.Patience };
        Browser.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
    }

    /// <summary>What it has printed.</summary>
    public Uri Address { get; }

    public string Token { get; }

    /// <summary>Sends the token with each request.</summary>
    public HttpClient Browser { get; }

    public Process Process => _process;

    /// <summary>How many regions of channels it has mapped: none, unless it looks at some.</summary>
    public int Mappings =>
        File.ReadLines($"/proc/{_process.Id}/maps").Count(line => line.Contains("memfd:typedshm:", StringComparison.Ordinal));

    public static async Task<WebCommand> Start(params string[] arguments)
    {
        Process process = Command.Start(["web", .. arguments]);
        string? address = await Until.Soon(process.StandardOutput.ReadLineAsync());
        return address is not null
            ? new WebCommand(process, address)
            : throw new InvalidOperationException($"It ended: {await process.StandardError.ReadToEndAsync()}");
    }

    /// <summary>The events of a page that shows a channel, or the list alone.</summary>
    public async Task<Events> Follow(string? channel = null, int element = 0)
    {
        string query = channel is null ? "" : $"?channel={Uri.EscapeDataString(channel)}&element={element}";
        HttpResponseMessage response =
            await Browser.GetAsync(new Uri($"events{query}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        return new Events(response.EnsureSuccessStatusCode(), await response.Content.ReadAsStreamAsync());
    }

    public void Dispose()
    {
        Browser.Dispose();
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>Server-sent events, each an object.</summary>
    internal sealed class Events(HttpResponseMessage response, Stream stream) : IDisposable
    {
        private readonly StreamReader _reader = new(stream);

        /// <summary>The next event of a name that has to do with what is wanted; others are passed over.</summary>
        public async Task<JsonElement> Next(string name, Func<JsonElement, bool>? wanted = null)
        {
            while (true)
            {
                string? line = await Until.Soon(_reader.ReadLineAsync());
                if (line is null)
                    throw new InvalidOperationException($"The events ended before one was '{name}'.");
                if (line != $"event: {name}")
                    continue;
                JsonElement data = JsonDocument.Parse((await Until.Soon(_reader.ReadLineAsync()))!["data: ".Length..]).RootElement;
                if (wanted is null || wanted(data))
                    return data;
            }
        }

        public void Dispose()
        {
            _reader.Dispose();
            response.Dispose();
        }
    }
}
