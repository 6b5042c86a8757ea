using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using Nephos.Contracts;

namespace Nephos.Image.Web;

/// <summary>Addresses of a host name.</summary>
internal delegate Task<IPAddress[]> HostLookup(string host, CancellationToken ct);

/// <summary>Data of a web server, on its way.</summary>
/// <param name="Bytes">Disposing it ends the connection.</param>
/// <param name="Length">How many there are, if the server said so.</param>
internal sealed record WebData(Stream Bytes, long? Length);

/// <summary>
/// Fetches what users name by URL. A name is looked up once for each connection, and the connection goes to an address that was found
/// allowed; each redirect is looked at like the first URL. No proxy, no cookies, no credentials, nothing decoded.
/// </summary>
internal sealed class WebReader : IDisposable
{
    private readonly WebOptions _options;
    private readonly WebFilter _filter;
    private readonly HostLookup _lookup;
    private readonly HttpMessageInvoker _http;

    public WebReader(WebOptions options, HostLookup lookup)
    {
        (_options, _filter, _lookup) = (options, new WebFilter(options), lookup);
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseProxy = false, UseCookies = false, AutomaticDecompression = DecompressionMethods.None,
            // Each request asks again where it may go.
            PooledConnectionLifetime = TimeSpan.Zero,
            ConnectTimeout = TimeSpan.FromSeconds(15), MaxResponseHeadersLength = 64, ConnectCallback = Connect,
        });
    }

    /// <summary>Refuses a URL that may not be fetched; its host is looked up. A host that nobody knows now is not refused: the fetch fails by it.</summary>
    public async Task Check(string url, CancellationToken ct)
    {
        var uri = Parse(url);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(TimeSpan.FromSeconds(10));
        try { if (!(await AllAddresses(uri.IdnHost, limit.Token)).Exists(_filter.Allows)) throw Refused(url, NotPublic(uri.Host)); }
        catch (SocketException) { }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested) { }
    }

    /// <summary>Begins to fetch, from a byte on.</summary>
    public async Task<WebData> Open(string url, long from, CancellationToken ct) => await Data(await Follow(HttpMethod.Get, url, from, ct), url, from, ct);

    /// <summary>How many bytes there are; a server that does not say is refused.</summary>
    public async Task<long> Measure(string url, CancellationToken ct)
    {
        using var response = await Follow(HttpMethod.Head, url, 0, ct);
        if (response.StatusCode != HttpStatusCode.OK) throw Failed(url, $"the server answered {(int)response.StatusCode}");
        return response.Content.Headers.ContentLength is { } length and > 0 ? length : throw Failed(url, "the server does not say how many bytes there are");
    }

    private async Task<HttpResponseMessage> Follow(HttpMethod method, string url, long from, CancellationToken ct)
    {
        var uri = Parse(url);
        for (var hop = 0; hop <= _options.MaxRedirects; hop++)
        {
            var response = await Ask(method, uri, from, ct);
            if (response.StatusCode is not (HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect)) return response;
            using (response) uri = Next(uri, response.Headers.Location);
        }
        throw Failed(url, $"it was redirected more than {_options.MaxRedirects} times");
    }

    public void Dispose() => _http.Dispose();

    private Uri Parse(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri)) throw Refused(url, "it is not a URL");
        return _filter.Refusal(uri) is { } why ? throw Refused(url, why) : uri;
    }

    private Uri Next(Uri from, Uri? to)
    {
        if (to is null) throw Failed(from.ToString(), "it was redirected to nowhere");
        var next = new Uri(from, to);
        if (from.Scheme == "https" && next.Scheme != "https") throw Refused(next.ToString(), "it was redirected from https to something else");
        return Parse(next.ToString());
    }

    private async Task<HttpResponseMessage> Ask(HttpMethod method, Uri uri, long from, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, uri);
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("nephos", null));
        if (from > 0) request.Headers.Range = new RangeHeaderValue(from, null);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(_options.Silence);
        try { return await _http.SendAsync(request, limit.Token); }
        catch (HttpRequestException e) { throw Failed(uri.ToString(), (e.InnerException as AuthenticationException ?? (Exception)e).Message.TrimEnd('.')); }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested) { throw Failed(uri.ToString(), "the server does not answer"); }
    }

    private async Task<WebData> Data(HttpResponseMessage response, string url, long from, CancellationToken ct)
    {
        if (response.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.PartialContent))
        {
            using (response) throw Failed(url, $"the server answered {(int)response.StatusCode}");
        }
        var bytes = new PatientStream(await response.Content.ReadAsStreamAsync(ct), response, _options.Silence, () => Failed(url, "the server fell silent"));
        var length = response.Content.Headers.ContentLength;
        // A server that does not do ranges sends all of it.
        if (from > 0 && response.StatusCode == HttpStatusCode.OK)
        {
            await bytes.Skip(from, ct);
            length -= from;
        }
        return new WebData(bytes, length);
    }

    private async Task<List<IPAddress>> AllAddresses(string host, CancellationToken ct) => IPAddress.TryParse(host, out var literal) ? [literal] : [.. await _lookup(host, ct)];

    private async Task<List<IPAddress>> Addresses(string host, CancellationToken ct)
    {
        try { return (await AllAddresses(host, ct)).FindAll(_filter.Allows) is { Count: > 0 } allowed ? allowed : throw new HttpRequestException(NotPublic(host)); }
        catch (SocketException) { throw new HttpRequestException($"the host {host} cannot be looked up"); }
    }

    private async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        Exception? last = null;
        foreach (var address in await Addresses(host, ct))
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(address, port, ct);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException e)
            {
                socket.Dispose();
                last = e;
            }
        }
        throw new HttpRequestException($"the host {host} cannot be reached", last);
    }

    private static string NotPublic(string host) => $"the host {host} has no public address";
    private static Fault Refused(string url, string why) => Errors.BadImport($"URI for web-download does not pass filtering: {Shown(url)} ({why})");
    private static Fault Failed(string url, string why) => Fault.Conflict($"{Shown(url)} could not be fetched: {why}.");

    /// <summary>A URL as reasons may show it: what stands before the host or in the query is often a secret, and reasons are logged.</summary>
    public static string Shown(string url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.UserInfo.Length + uri.Query.Length > 0
        ? uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped) + (uri.Query.Length > 0 ? "?***" : "") : url;
}
