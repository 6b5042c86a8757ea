using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Nephos.Contracts;
using Nephos.Image.Images;
using Nephos.Image.Quotas;
using Nephos.Image.Web;
using Nephos.Kernel.Api;

namespace Nephos.Image.Stores;

/// <summary>
/// What clients change of where an image's data is. New locations are URLs of web servers: a place in one of this cloud's own stores could be another
/// image's.
/// </summary>
internal sealed class LocationChanges(ImageStores stores, WebReader web, ImageQuotas quotas, ImageOptions options)
{
    /// <summary>Refuses what the caller may not do.</summary>
    public void Authorize(Call call, StoredImage image, PatchChange change)
    {
        if (change.Verb == PatchVerb.Replace && change.Value.GetArrayLength() == 0) throw Errors.EmptyLocations();
        if (!options.ShowLocations) throw Errors.Locations(Verb(change));
        call.Authorize(change.Verb == PatchVerb.Remove ? Rules.DeleteImageLocation : Rules.SetImageLocation, image.Target);
    }

    /// <summary>The image after a change; what it had no data before is active with it.</summary>
    public Task<StoredImage> Apply(StoredImage image, PatchChange change, CancellationToken ct)
    {
        var status = image.Row.Status;
        if (status != "active" && (status != "queued" || change.Verb == PatchVerb.Remove)) throw Errors.LocationsWhile(change.Verb == PatchVerb.Replace ? "replace" : Verb(change), status);
        return change.Verb switch
        {
            PatchVerb.Remove => Task.FromResult(Remove(image, change.Path[1])),
            PatchVerb.Add => Add(image, change.Path[1], change.Value, ct),
            _ => Replace(image, [.. change.Value.EnumerateArray()], ct),
        };
    }

    /// <summary>Locations as clients see them.</summary>
    public IReadOnlyList<LocationView> Shown(StoredImage image) =>
        [.. image.Locations.Select(l => (l, Url: stores.UrlOf(l))).Where(p => p.Url is not null).Select(p => new LocationView(p.Url!, Metadata(p.l)))];

    private static string Verb(PatchChange change) => change.Verb switch { PatchVerb.Replace => "update", PatchVerb.Add => "add", _ => "remove" };

    private static StoredImage Remove(StoredImage image, string position)
    {
        if (image.Locations.Count == 1) throw Errors.LastLocation();
        var at = Position(position, image.Locations.Count - 1);
        return at is { } index && index < image.Locations.Count ? image with { Locations = [.. image.Locations.Where((_, i) => i != index)] } : throw Errors.LocationPosition("removing");
    }

    private async Task<StoredImage> Add(StoredImage image, string position, JsonElement location, CancellationToken ct)
    {
        var row = WithDigests(image.Row, [location]);
        var at = Position(position, image.Locations.Count) ?? throw Errors.LocationPosition("adding");
        var (added, size) = await New(image, location, ct);
        if (image.Locations.Any(l => stores.UrlOf(l) == added.Url)) throw Errors.LocationTaken(WebReader.Shown(added.Url));
        options.Counts.CheckLocations(image.Locations.Count + 1);
        await quotas.RequireSpace(row.Owner, ct);
        return Placed(image, row, [.. image.Locations.Take(at), added, .. image.Locations.Skip(at)], size);
    }

    private async Task<StoredImage> Replace(StoredImage image, IReadOnlyList<JsonElement> wanted, CancellationToken ct)
    {
        var row = WithDigests(image.Row, wanted);
        var urls = wanted.Select(Url).ToList();
        if (urls.GroupBy(u => u).FirstOrDefault(g => g.Count() > 1) is { } twice) throw Errors.LocationTaken(WebReader.Shown(twice.Key));
        if (image.Locations.Count > 0)
        {
            // The same places: in another order, or with other words about them.
            var there = image.Locations.ToDictionary(l => stores.UrlOf(l) ?? "");
            if (there.Count != urls.Count || !urls.All(there.ContainsKey)) throw Errors.LocationsThere();
            return image with { Row = row, Locations = [.. wanted.Select(w => there[Url(w)] with { Metadata = Own(w) })] };
        }
        options.Counts.CheckLocations(wanted.Count);
        await quotas.RequireSpace(row.Owner, ct);
        var added = new List<(LocationRow Location, long Size)>();
        foreach (var location in wanted) added.Add(await New(image, location, ct));
        return Placed(image, row, [.. added.Select(a => a.Location)], added[0].Size);
    }

    private static StoredImage Placed(StoredImage image, ImageRow row, IReadOnlyList<LocationRow> locations, long size)
    {
        row.RequireFormats();
        return image with { Row = row with { Status = "active", Size = row.Size ?? size }, Locations = locations };
    }

    private async Task<(LocationRow Location, long Size)> New(StoredImage image, JsonElement location, CancellationToken ct)
    {
        var url = Url(location);
        var store = stores.ForUrl(image, url);
        long size;
        try { size = await web.Measure(url, ct); }
        catch (Fault e) { throw Errors.BadLocation(e.Message); }
        return size <= options.MaxImage ? (new LocationRow(image.Id, store.Id, url, default, Own(location)), size) : throw Errors.TooLarge();
    }

    private static string Url(JsonElement location) => location.GetProperty("url").GetString()!;

    private static string Own(JsonElement location)
    {
        var metadata = JsonObject.Create(location.GetProperty("metadata"))!;
        metadata.Remove("store");
        return metadata.ToJsonString();
    }

    private static JsonObject Metadata(LocationRow location)
    {
        var metadata = JsonNode.Parse(location.Metadata)!.AsObject();
        metadata["store"] = location.Store;
        return metadata;
    }

    private static int? Position(string text, int last) => text == "-" ? last
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var position) ? position : null;

    /// <summary>The row with what clients say of the data's digests; they may say once what nobody knows yet.</summary>
    private ImageRow WithDigests(ImageRow row, IReadOnlyList<JsonElement> locations)
    {
        var said = new Dictionary<string, string>();
        foreach (var data in locations.Where(l => l.TryGetProperty("validation_data", out _)).SelectMany(l => l.GetProperty("validation_data").EnumerateObject()))
            if (!said.TryAdd(data.Name, data.Value.GetString()!) && said[data.Name] != data.Value.GetString()) throw Errors.Digests($"Conflicting values for {data.Name}");
        var known = new Dictionary<string, string?> { ["checksum"] = row.Checksum, ["os_hash_algo"] = row.OsHashAlgo, ["os_hash_value"] = row.OsHashValue };
        foreach (var (name, value) in said.ToList())
        {
            if (known[name] == value) said.Remove(name);
            else if (known[name] is not null) throw Errors.Digests($"{name} is already set with a different value");
        }
        if (said.Count == 0) return row;
        if (row.Status != "queued") throw Errors.Digests($"New value(s) for {string.Join(", ", said.Keys)} may only be provided when image status is 'queued'");
        var algorithm = said.GetValueOrDefault("os_hash_algo");
        if (said.TryGetValue("checksum", out var checksum)) Require("checksum", checksum, "md5");
        if (algorithm != options.HashAlgorithm) throw Errors.Digests($"os_hash_algo must be {options.HashAlgorithm}, not {algorithm}");
        Require("os_hash_value", said["os_hash_value"], algorithm);
        return row with { Checksum = checksum?.ToLowerInvariant() ?? row.Checksum, OsHashAlgo = algorithm, OsHashValue = said["os_hash_value"].ToLowerInvariant() };
    }

    private static void Require(string name, string value, string algorithm)
    {
        if (SaidDigest.Flaw(name, value, algorithm) is { } flaw) throw Errors.Digests(flaw);
    }
}

/// <summary>A location as clients see it.</summary>
internal sealed record LocationView(string Url, JsonObject Metadata);
