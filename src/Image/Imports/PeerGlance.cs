using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Nephos.Contracts;
using Nephos.Image.Images;
using Nephos.Image.Web;

namespace Nephos.Image.Imports;

/// <summary>
/// Image services that the catalog names. Operators write the catalog, so its addresses are trusted; but what answers there may not send
/// us elsewhere. This cloud's own is asked by its socket: what a request says of where it is reached is never followed.
/// </summary>
internal sealed class PeerGlance(IIdentity identity, ImageOptions options) : IDisposable
{
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(2);

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(15) }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly HttpClient _own = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, ConnectCallback = (_, ct) => Connect(options.OwnSocket, ct) }) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>The image service of a region, asked as the user.</summary>
    public async Task<Peer> At(string region, string face, Secret token, CancellationToken ct)
    {
        var url = await identity.Endpoint("image", region, face, ct) ?? throw Fault.NotFound($"The catalog has no {face} endpoint of an image service in the region {region}.");
        var own = url.StartsWith(IIdentity.OwnCloud, StringComparison.Ordinal);
        return new Peer(own ? _own : _http, own ? "http://localhost" + url[IIdentity.OwnCloud.Length..] : url.TrimEnd('/'), token);
    }

    public void Dispose()
    {
        _http.Dispose();
        _own.Dispose();
    }

    private static async ValueTask<Stream> Connect(string? path, CancellationToken ct)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path ?? throw new HttpRequestException("this cloud has no socket of its own")), ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>One of them.</summary>
    internal sealed class Peer(HttpClient http, string url, Secret token)
    {
        private const int MostMetadata = 1 << 20;

        public async Task<RemoteImage> Show(Guid image, CancellationToken ct)
        {
            await using var body = await Get($"/v2/images/{image}", ct);
            var bytes = new byte[MostMetadata];
            var length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, ct);
            try { return RemoteImage.Read(JsonDocument.Parse(bytes.AsMemory(0, length)).RootElement); }
            catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException) { throw Fault.Conflict("The other image service did not answer with an image."); }
        }

        public Task<Stream> Open(Guid image, CancellationToken ct) => Get($"/v2/images/{image}/file", ct);

        private async Task<Stream> Get(string path, CancellationToken ct)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url + path);
            request.Headers.Add("X-Auth-Token", token.Reveal());
            HttpResponseMessage response;
            try { response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct).WaitAsync(Silence, ct); }
            catch (Exception e) when (e is HttpRequestException or TimeoutException) { throw Fault.Conflict($"The other image service cannot be asked: {e.Message}"); }
            if (response.StatusCode == HttpStatusCode.OK)
                return new PatientStream(await response.Content.ReadAsStreamAsync(ct), response, Silence, () => Fault.Conflict("The other image service fell silent."));
            using (response) throw Fault.Conflict($"The other image service answered {(int)response.StatusCode} to {path}.");
        }
    }
}

/// <summary>An image of another image service.</summary>
internal sealed record RemoteImage(string? DiskFormat, string? ContainerFormat, long Size, IReadOnlyDictionary<string, string> Properties)
{
    /// <summary>Reads its document; what is no text, or reserved, is no property.</summary>
    public static RemoteImage Read(JsonElement json)
    {
        var status = json.GetProperty("status").GetString();
        if (status != "active") throw Fault.Conflict($"Source image status should be active instead of {status}");
        var properties = json.EnumerateObject()
            .Where(p => p.Value.ValueKind == JsonValueKind.String && p.Name.Length is > 0 and <= 255 && !ImageSchemas.Own.Contains(p.Name) && !ImageSchemas.ReadOnly.Contains(p.Name)
                && !ImageSchemas.Reserved.Contains(p.Name) && !p.Name.StartsWith("os_glance", StringComparison.Ordinal))
            .ToDictionary(p => p.Name, p => p.Value.GetString()!);
        return new RemoteImage(Known(json, "disk_format", ImageSchemas.DiskFormats), Known(json, "container_format", ImageSchemas.ContainerFormats), json.GetProperty("size").GetInt64(), properties);
    }

    private static string? Known(JsonElement json, string name, string[] values) =>
        json.TryGetProperty(name, out var value) && value.GetString() is { } text && values.Contains(text) ? text : throw Fault.Conflict($"The other image has a {name} that this cloud does not know.");
}
