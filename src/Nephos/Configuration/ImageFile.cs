using System.Net;
using Nephos.Cli;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Files;
using Nephos.Image;
using Nephos.Image.Web;

namespace Nephos.Configuration;

/// <summary>What an operator says about images, in <c>/etc/nephos/image.yaml</c> or the file given by <c>--image</c>.</summary>
sealed record ImageFile
{
    public const string Default = "/etc/nephos/image.yaml";

    /// <summary>By name, in the order clients see.</summary>
    public Dictionary<string, StoreEntry> Stores { get; init; } = [];
    public string? DefaultStore { get; init; }
    public long? MaxImageBytes { get; init; }
    public ImportEntry Import { get; init; } = new();

    public sealed record StoreEntry
    {
        public required string Type { get; init; }
        public string? Description { get; init; }
        /// <summary>Of a <c>file</c> store.</summary>
        public string? Folder { get; init; }
    }

    public sealed record ImportEntry
    {
        public List<string>? Methods { get; init; }
        public List<string>? AllowedSchemes { get; init; }
        public List<string>? DisallowedSchemes { get; init; }
        public List<string>? AllowedHosts { get; init; }
        public List<string>? DisallowedHosts { get; init; }
        public List<int>? AllowedPorts { get; init; }
        public List<int>? DisallowedPorts { get; init; }
        public List<string>? AllowedNetworks { get; init; }
        public int? MaxRedirects { get; init; }
        public int? SilenceSeconds { get; init; }
        public List<string>? DownloadedProperties { get; init; }
    }

    /// <summary>The settings, where they are not what the service has by itself.</summary>
    public ImageOptions Options(ImageOptions usual)
    {
        var web = usual.Web;
        if (DefaultStore is { } store && Stores.Count > 0 && !Stores.ContainsKey(store)) throw new Refusal($"default_store: there is no store '{store}'");
        return usual with
        {
            DefaultStore = DefaultStore,
            MaxImage = MaxImageBytes ?? usual.MaxImage,
            ImportMethods = Import.Methods ?? usual.ImportMethods,
            DownloadedProperties = Import.DownloadedProperties ?? usual.DownloadedProperties,
            Web = web with
            {
                AllowedSchemes = Import.AllowedSchemes ?? web.AllowedSchemes, DisallowedSchemes = Import.DisallowedSchemes ?? web.DisallowedSchemes,
                AllowedHosts = Import.AllowedHosts ?? web.AllowedHosts, DisallowedHosts = Import.DisallowedHosts ?? web.DisallowedHosts,
                AllowedPorts = Import.AllowedPorts ?? web.AllowedPorts, DisallowedPorts = Import.DisallowedPorts ?? web.DisallowedPorts,
                AllowedNetworks = [.. (Import.AllowedNetworks ?? []).Select(n => IPNetwork.TryParse(n, out var network) ? network : throw new Refusal($"import.allowed_networks: '{n}' is not a range (10.0.0.0/8)"))],
                MaxRedirects = Import.MaxRedirects ?? web.MaxRedirects,
                Silence = Import.SilenceSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : web.Silence,
            },
        };
    }

    /// <summary>The stores; without any in the file one of files in <paramref name="folder"/>.</summary>
    public IReadOnlyList<NamedStore> Open(string folder) => Stores.Count == 0
        ? [new NamedStore("file", new FileImageStore(folder))]
        : [.. Stores.Select(s => new NamedStore(s.Key, Open(s.Key, s.Value), s.Value.Description))];

    static FileImageStore Open(string id, StoreEntry entry)
    {
        if (entry.Type != "file") throw new Refusal($"stores.{id}.type: '{entry.Type}' is not a kind of store; there is file");
        if (entry.Folder is not { } folder || !Path.IsPathRooted(folder)) throw new Refusal($"stores.{id}.folder: the full path of a folder is missing");
        try { return new FileImageStore(folder); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw new Refusal($"stores.{id}.folder: {e.Message}", "The user nephos, as whom the API runs, must be able to write there."); }
    }
}
