using System.Net.Http.Json;
using System.Text.Json;
using Nephos.Client;
using Nephos.Contracts;
using Nephos.Contracts.Link;
using Nephos.Drivers.Files;

namespace Nephos.Link;

/// <summary>The node's side of the link. A controller that does not answer is a <see cref="FaultKind.Unavailable"/> fault; the node's loops try again.</summary>
sealed class LinkClient(string socket) : INodeLink, IDisposable
{
    // Watch and questions wait up to 20 s at the other end; images take as long as they take.
    readonly HttpClient calls = UnixHttp.To(socket, TimeSpan.FromSeconds(60));
    readonly HttpClient streams = UnixHttp.To(socket, Timeout.InfiniteTimeSpan);

    public async Task<NodeWelcome> Join(NodeHello hello, CancellationToken ct) => (await Call<NodeWelcome>("join", hello, ct))!;

    public async Task<NodeChanges> Watch(Guid node, IReadOnlyDictionary<string, long> after, CancellationToken ct) =>
        (await Call<NodeChanges>($"{node}/watch", new LinkJson.WatchCall(after), ct))!;

    public async Task<IReadOnlyList<NodeItemKey>> Inventory(Guid node, CancellationToken ct) => (await Call<List<NodeItemKey>>($"{node}/inventory", new { }, ct))!;

    public Task Report(Guid node, IReadOnlyList<Observed> observed, CancellationToken ct) => Call<object>($"{node}/report", observed, ct);

    public Task<NodeQuestion?> NextQuestion(Guid node, CancellationToken ct) => Call<NodeQuestion>($"{node}/question", new { }, ct);

    public Task Answer(Guid node, NodeAnswer answer, CancellationToken ct) => Call<object>($"{node}/answer", answer, ct);

    public async Task<MetadataReply> Metadata(MetadataRequest request, CancellationToken ct) => (await Call<MetadataReply>("metadata", request, ct))!;

    /// <summary>The controller's own file where it has one: both are on one host, and its blocks can then be shared. One of somebody else's is not believed.</summary>
    public async Task<Stream> OpenImage(Guid image, CancellationToken ct)
    {
        var response = await Get($"link/images/{image}?{LinkJson.ByPath}", ct);
        if (!response.Headers.TryGetValues(LinkJson.PathHeader, out var path)) return await response.Content.ReadAsStreamAsync(ct);
        response.Dispose();
        if (OwnedFile.OwnerOf(socket) is { } controller && OwnedFile.Open(Uri.UnescapeDataString(path.Single()), controller) is { } file) return file;
        return await (await Get($"link/images/{image}", ct)).Content.ReadAsStreamAsync(ct);
    }

    async Task<HttpResponseMessage> Get(string path, CancellationToken ct)
    {
        var response = await Reached(() => streams.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, ct), ct);
        await ThrowFault(response, ct);
        return response;
    }

    public async Task PutImage(Guid image, Stream data, CancellationToken ct)
    {
        using var content = new StreamContent(data, 1 << 20);
        using var response = await Reached(() => streams.PutAsync($"link/images/{image}", content, ct), ct);
        await ThrowFault(response, ct);
    }

    public void Dispose()
    {
        calls.Dispose();
        streams.Dispose();
    }

    async Task<T?> Call<T>(string path, object argument, CancellationToken ct)
    {
        using var response = await Reached(() => calls.PostAsync("link/" + path, JsonContent.Create(argument, argument.GetType(), options: LinkJson.Options), ct), ct);
        await ThrowFault(response, ct);
        return await response.Content.ReadFromJsonAsync<T>(LinkJson.Options, ct);
    }

    static async Task<HttpResponseMessage> Reached(Func<Task<HttpResponseMessage>> send, CancellationToken ct)
    {
        try { return await send(); }
        catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !ct.IsCancellationRequested))
        {
            throw Fault.Unavailable($"The controller does not answer: {e.Message}");
        }
    }

    static async Task ThrowFault(HttpResponseMessage response, CancellationToken ct)
    {
        if (response.IsSuccessStatusCode) return;
        LinkJson.WireFault? fault = null;
        try { fault = await response.Content.ReadFromJsonAsync<LinkJson.WireFault>(LinkJson.Options, ct); }
        catch (Exception e) when (e is JsonException or NotSupportedException) { /* Not a fault of the link's own. */ }
        throw fault is null ? Fault.Unavailable($"The controller answered {(int)response.StatusCode}.") : new Fault(fault.Kind, fault.Name, fault.Message);
    }
}
