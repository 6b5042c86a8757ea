using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;

namespace Nephos.Drivers.Swift;

/// <summary>
/// Images as objects named by their ids. A large one is parts in a container beside, and an object that lists them: it appears only when all
/// parts are there, and until then the parts alone tell of it.
/// </summary>
public sealed class SwiftImageStore(SwiftOptions options) : IImageStore, IDisposable
{
    const int PageSize = 1000, InsufficientStorage = 507;
    readonly SwiftSession session = new(options);

    public string Type => "swift";

    public IReadOnlyDictionary<string, string> Properties => new Dictionary<string, string> { ["container"] = options.Container, ["large_object_chunk_size"] = $"{options.PartSize}" };

    string Container => Uri.EscapeDataString(options.Container);

    string Parts => Uri.EscapeDataString(options.Container + "_segments");

    public string UrlOf(Guid image) => $"swift://{options.Container}/{image}";

    public async Task Put(Guid image, string path, string? content, Action<long>? written, CancellationToken ct)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.Asynchronous);
        var length = RandomAccess.GetLength(file);
        // A name of its own for each attempt: what a dead one sends late changes nothing.
        var upload = NewId.Hex();
        try
        {
            ct.ThrowIfCancellationRequested();
            await Do(HttpMethod.Put, $"/{Container}", null, null, ct);
            if (length <= options.PartSize) await Send($"/{Container}/{image}", file, 0, length, written, ct);
            else await PutParts(image, upload, file, length, written, ct);
            written?.Invoke(length);
        }
        catch
        {
            await RemoveParts(image, name => name.StartsWith($"{image}/{upload}/", StringComparison.Ordinal), CancellationToken.None);
            throw;
        }
        await RemoveParts(image, name => !name.StartsWith($"{image}/{upload}/", StringComparison.Ordinal), ct);
    }

    public async Task<Stream?> Open(Guid image, long from, CancellationToken ct)
    {
        var response = await session.Send(HttpMethod.Get, $"/{Container}/{image}", null, r => { if (from > 0) r.Headers.Range = new RangeHeaderValue(from, null); }, ct);
        if (response.StatusCode is HttpStatusCode.OK or HttpStatusCode.PartialContent) return new OwningStream(await response.Content.ReadAsStreamAsync(ct), response);
        using (response)
            return response.StatusCode switch
            {
                HttpStatusCode.NotFound => null,
                // From its end on there is nothing.
                HttpStatusCode.RequestedRangeNotSatisfiable => Stream.Null,
                _ => throw Refused(response),
            };
    }

    public string? LocalPath(Guid image) => null;

    public async Task Remove(Guid image, CancellationToken ct)
    {
        await Do(HttpMethod.Delete, $"/{Container}/{image}", null, null, ct);
        await RemoveParts(image, _ => true, ct);
    }

    public async Task<IReadOnlyList<Guid>> List(CancellationToken ct)
    {
        var names = (await Names(Container, "", ct)).Concat(await Names(Parts, "", ct));
        return [.. names.Select(n => Guid.TryParseExact(n.Split('/')[0], "D", out var id) ? id : Guid.Empty).Where(id => id != Guid.Empty).Distinct()];
    }

    public void Dispose() => session.Dispose();

    async Task PutParts(Guid image, string upload, SafeFileHandle file, long length, Action<long>? written, CancellationToken ct)
    {
        await Do(HttpMethod.Put, $"/{Parts}", null, null, ct);
        var list = new List<object>();
        for (long at = 0, number = 1; at < length; at += options.PartSize, number++)
        {
            var (path, size) = ($"/{Parts}/{image}/{upload}/{number:00000000}", Math.Min(options.PartSize, length - at));
            list.Add(new { path = Uri.UnescapeDataString(path), etag = await Send(path, file, at, size, written, ct), size_bytes = size });
        }
        await Do(HttpMethod.Put, $"/{Container}/{image}?multipart-manifest=put", () => new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(list)), null, ct);
    }

    /// <summary>Sends an object and gives its digest; what arrived must be what was sent.</summary>
    async Task<string> Send(string path, SafeFileHandle file, long offset, long length, Action<long>? written, CancellationToken ct)
    {
        FilePart? part = null;
        using var response = await session.Send(HttpMethod.Put, path, () => part = new FilePart(file, offset, length, written), null, ct);
        if (!response.IsSuccessStatusCode) throw Refused(response);
        return response.Headers.ETag?.Tag.Trim('"') is { } etag && etag != part!.Md5 ? throw SwiftSession.Unreachable("it did not keep what was sent") : part!.Md5!;
    }

    async Task RemoveParts(Guid image, Func<string, bool> which, CancellationToken ct)
    {
        foreach (var name in (await Names(Parts, $"{image}/", ct)).Where(which)) await Do(HttpMethod.Delete, $"/{Parts}/{name}", null, null, ct);
    }

    /// <summary>Names in a container; none if there is no such.</summary>
    async Task<List<string>> Names(string container, string prefix, CancellationToken ct)
    {
        var names = new List<string>();
        while (true)
        {
            using var response = await session.Send(HttpMethod.Get, $"/{container}?format=json&limit={PageSize}&prefix={Uri.EscapeDataString(prefix)}&marker={Uri.EscapeDataString(names.LastOrDefault() ?? "")}", null, null, ct);
            if (response.StatusCode == HttpStatusCode.NotFound) return names;
            if (!response.IsSuccessStatusCode) throw Refused(response);
            using var page = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(ct), cancellationToken: ct);
            var found = page.RootElement.EnumerateArray().Select(o => o.GetProperty("name").GetString()!).ToList();
            names.AddRange(found);
            if (found.Count < PageSize) return names;
        }
    }

    /// <summary>A request that succeeds, or is about something absent.</summary>
    async Task Do(HttpMethod method, string path, Func<HttpContent>? body, Action<HttpRequestMessage>? prepare, CancellationToken ct)
    {
        using var response = await session.Send(method, path, body, prepare, ct);
        if (!response.IsSuccessStatusCode && !(method == HttpMethod.Delete && response.StatusCode == HttpStatusCode.NotFound)) throw Refused(response);
    }

    static Fault Refused(HttpResponseMessage response) => (int)response.StatusCode is (int)HttpStatusCode.RequestEntityTooLarge or InsufficientStorage
        ? new Fault(FaultKind.TooLarge, "StorageFull", "There is not enough space in the object storage.")
        : SwiftSession.Unreachable($"it answered {(int)response.StatusCode} to {response.RequestMessage?.Method} {response.RequestMessage?.RequestUri?.AbsolutePath}");
}
