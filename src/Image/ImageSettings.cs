using System.Globalization;
using System.Net;
using Nephos.Contracts;
using Nephos.Image.Images;
using Nephos.Image.Imports;
using Nephos.Image.Stores;
using Nephos.Image.Web;
using Nephos.Kernel.Settings;

namespace Nephos.Image;

/// <summary>What operators may decide in <c>image.conf</c>, under upstream's names.</summary>
public static class ImageSettings
{
    private static readonly string[] Kinds = ["file", "swift", "rbd", "http"];

    /// <summary>All of them.</summary>
    public static SettingList<ImageOptions> List { get; } = RbdStoreOptions.In(SwiftStoreOptions.In(new SettingList<ImageOptions>("image", new ImageOptions { Staging = "" })
        .Words("DEFAULT", "enabled_backends", "Stores, each as NAME:KIND (file, swift, rbd, http); each has a group of its own below. Without any: one of files in the state folder, named file.",
            o => o.Stores.Select(s => $"{s.Id}:{s.Type}"), WithStores)
        .Text("glance_store", "default_backend", "The store that is used where none is named; the first, unless said.", o => o.DefaultStore, (o, v) => o with { DefaultStore = v })
        .Text("DEFAULT", "image_size_cap", "Bytes of one image.", o => Text(o.MaxImage), (o, v) => o with { MaxImage = Long(v) })
        .Text("DEFAULT", "image_cache_dir", "Folder for copies of data that stores elsewhere have; in the state folder, unless said.", o => o.CacheFolder, (o, v) => o with { CacheFolder = v.StartsWith('/') ? v : throw new FormatException("the full path of a folder") })
        .Text("DEFAULT", "image_cache_max_size", "Bytes of those copies; the longest unread go.", o => Text(o.CacheBytes), (o, v) => o with { CacheBytes = Bytes(v) })
        .Seconds("DEFAULT", "cache_prefetcher_interval", "Seconds for which an image stays in the queue for a copy: a store is not read at the busiest moment.", 0, o => o.CacheWait, (o, v) => o with { CacheWait = v })
        .Text("DEFAULT", "user_storage_quota", "Bytes of a project's images together; 0 is no limit. Also KB, MB, GB and TB.", o => Text(o.ProjectBytes), (o, v) => o with { ProjectBytes = Bytes(v) })
        .Number("DEFAULT", "image_property_quota", "Custom properties of an image; -1 is no limit.", -1, o => o.Counts.Properties, (o, v) => o with { Counts = o.Counts with { Properties = v } })
        .Number("DEFAULT", "image_tag_quota", "Tags of an image; -1 is no limit.", -1, o => o.Counts.Tags, (o, v) => o with { Counts = o.Counts with { Tags = v } })
        .Number("DEFAULT", "image_member_quota", "Projects that an image is shared with; -1 is no limit.", -1, o => o.Counts.Members, (o, v) => o with { Counts = o.Counts with { Members = v } })
        .Number("DEFAULT", "image_location_quota", "Locations of an image; -1 is no limit.", -1, o => o.Counts.Locations, (o, v) => o with { Counts = o.Counts with { Locations = v } })
        .Flag("DEFAULT", "show_multiple_locations", "Whether clients see where images' data is, and may add and remove locations.", o => o.ShowLocations, (o, v) => o with { ShowLocations = v })
        .Flag("DEFAULT", "show_image_direct_url", "Whether clients see the first of these places as direct_url.", o => o.ShowDirectUrl, (o, v) => o with { ShowDirectUrl = v })
        .Choice("DEFAULT", "hashing_algorithm", "Of os_hash_value of data that comes from now on.", ["sha256", "sha384", "sha512"], o => o.HashAlgorithm, (o, v) => o with { HashAlgorithm = v })
        .Flag("DEFAULT", "do_secure_hash", "Whether data that others keep is read once, for its checksum and hash, when an image gets it by POST /v2/images/ID/locations.", o => o.HashLocations, (o, v) => o with { HashLocations = v })
        .Number("DEFAULT", "http_retries", "How often that is tried again.", 0, o => o.Web.Retries, (o, v) => o.With(w => w with { Retries = v }), max: 20)
        .Text("DEFAULT", "property_protection_file", "Who may create, read, update and delete which properties: groups that are regular expressions of names.", o => o.ProtectionFile, (o, v) => o with { ProtectionFile = v })
        .Choice("DEFAULT", "property_protection_rule_format", "What that file names: roles, or rules of policy/image.yaml.", ["roles", "policies"], o => o.ProtectionFormat, (o, v) => o with { ProtectionFormat = v })
        .Text("DEFAULT", "signature_certificates", "Folder with the certificates (UUID.pem) that img_signature_certificate_uuid names. Ours alone, until there is a key manager.", o => o.CertificateFolder,
            (o, v) => o with { CertificateFolder = v.StartsWith('/') ? v : throw new FormatException("the full path of a folder") })
        .Words("DEFAULT", "enabled_import_methods", "Ways to import.", o => o.ImportMethods, (o, v) => o with { ImportMethods = v })
        .Words("import_filtering_opts", "allowed_schemes", "Of URLs to import from; of an allowed and a disallowed list the allowed one alone counts, if it is not empty.", o => o.Web.AllowedSchemes, (o, v) => o.With(w => w with { AllowedSchemes = v }))
        .Words("import_filtering_opts", "disallowed_schemes", "See allowed_schemes.", o => o.Web.DisallowedSchemes, (o, v) => o.With(w => w with { DisallowedSchemes = v }))
        .Words("import_filtering_opts", "allowed_hosts", "Hosts to import from.", o => o.Web.AllowedHosts, (o, v) => o.With(w => w with { AllowedHosts = v }))
        .Words("import_filtering_opts", "disallowed_hosts", "See allowed_schemes.", o => o.Web.DisallowedHosts, (o, v) => o.With(w => w with { DisallowedHosts = v }))
        .Words("import_filtering_opts", "allowed_ports", "Ports to import from.", o => o.Web.AllowedPorts.Select(p => Text(p)), (o, v) => o.With(w => w with { AllowedPorts = Ports(v) }))
        .Words("import_filtering_opts", "disallowed_ports", "See allowed_schemes.", o => o.Web.DisallowedPorts.Select(p => Text(p)), (o, v) => o.With(w => w with { DisallowedPorts = Ports(v) }))
        .Words("import_filtering_opts", "allowed_networks", "Ranges to import from although they are not public: a mirror inside. Ours alone.", o => o.Web.AllowedNetworks.Select(n => n.ToString()), (o, v) => o.With(w => w with { AllowedNetworks = Networks(v) }))
        .Number("import_filtering_opts", "max_redirects", "How often a server may send us elsewhere. Ours alone.", 0, o => o.Web.MaxRedirects, (o, v) => o.With(w => w with { MaxRedirects = v }))
        .Seconds("import_filtering_opts", "silence", "Seconds a server may send nothing. Ours alone.", 1, o => o.Web.Silence, (o, v) => o.With(w => w with { Silence = v }))
        .Words("glance_download_properties", "extra_properties", "What glance-download takes along: properties that begin so.", o => o.DownloadedProperties, (o, v) => o with { DownloadedProperties = v })
        .Words("image_import_opts", "image_import_plugins", $"What is made of imported data, in this order whatever is written: {string.Join(", ", ImportPlugins.Names.Skip(1))}.", o => o.ImportPlugins, (o, v) => o with { ImportPlugins = Known(v) })
        .Text("image_import_opts", "max_unpacked_size", "Bytes that compressed data may unpack to. Ours alone.", o => Text(o.MaxUnpacked), (o, v) => o with { MaxUnpacked = Long(v) })
        .Choice("image_conversion", "output_format", "The format that image_conversion makes; kernels, RAM disks and discs stay as they are.", ["raw", "qcow2", "vmdk", "vhd", "vhdx", "vdi"], o => o.ConvertTo, (o, v) => o with { ConvertTo = v })
        .Words("inject_metadata_properties", "ignore_user_roles", "Roles whose imports get no properties.", o => o.InjectNotFor, (o, v) => o with { InjectNotFor = v })
        .Words("inject_metadata_properties", "inject", "Properties that imported images get, each as NAME:VALUE.", o => o.InjectedProperties.Select(p => $"{p.Key}:{p.Value}"), (o, v) => o with { InjectedProperties = Pairs(v) })
        .Named("STORE", "store_description", "What users are told of it.", "", (o, store, v) => o.WithStore(store, s => s with { Description = v }))
        .Named("STORE", "filesystem_store_datadir", "Folder of a store of files; the user nephos must be able to write there.", "", (o, store, v) => o.WithStore(store, s => s with { Folder = v })), WithStore), WithStore);

    /// <summary>What only the whole file shows.</summary>
    /// <exception cref="SettingRefused">When it cannot be.</exception>
    public static void Check(ImageOptions options)
    {
        foreach (var store in options.Stores)
        {
            if (store.Type.Length == 0) throw new SettingRefused($"image.conf: [{store.Id}] is no group of settings, and no store of enabled_backends");
            if (store.Type == "file" && store.Folder?.StartsWith('/') != true) throw new SettingRefused($"image.conf: the store {store.Id} needs filesystem_store_datadir, the full path of a folder");
            if (store.Type == "swift") (store.Swift ?? new()).Check(store.Id);
        }
        if (options.Stores.Count > 0 && options.Stores.All(s => s.Type == "http")) throw new SettingRefused("image.conf: nothing can be put into a store of the kind http; enabled_backends needs another one besides");
        if (options.Stores.Any(s => s.Type == "http" && s.Id == options.DefaultStore)) throw new SettingRefused($"image.conf: default_backend is {options.DefaultStore}, a store of the kind http, which nothing can be put into");
        if (options.DefaultStore is { } name && (options.Stores.Count == 0 ? name != "file" : options.Stores.All(s => s.Id != name))) throw new SettingRefused($"image.conf: default_backend is {name}, which is no store of enabled_backends");
        string[] methods = ["glance-direct", "web-download", "copy-image", "glance-download"];
        if (options.ImportMethods.Except(methods).FirstOrDefault() is { } method) throw new SettingRefused($"image.conf: there is no import method {method}; there are {string.Join(", ", methods)}");
    }

    private static ImageOptions WithStores(ImageOptions options, IReadOnlyList<string> stores)
    {
        // A store's group may stand above this line.
        var known = options.Stores.ToDictionary(s => s.Id);
        var named = stores.Select(s => s.Split(':') is [{ Length: > 0 } id, var kind] && Kinds.Contains(kind)
            ? known.GetValueOrDefault(id, new StoreOptions { Id = id }) with { Type = kind } : throw new FormatException($"NAME:KIND with a kind of {string.Join(", ", Kinds)}")).ToList();
        return options with { Stores = [.. named, .. options.Stores.Where(s => named.All(n => n.Id != s.Id))] };
    }

    private static ImageOptions WithStore(this ImageOptions options, string id, Func<StoreOptions, StoreOptions> change)
    {
        var store = options.Stores.FirstOrDefault(s => s.Id == id);
        return options with { Stores = store is null ? [.. options.Stores, change(new StoreOptions { Id = id })] : [.. options.Stores.Select(s => s == store ? change(s) : s)] };
    }

    private static ImageOptions With(this ImageOptions options, Func<WebOptions, WebOptions> change) => options with { Web = change(options.Web) };

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static long Bytes(string text)
    {
        string[] units = ["B", "KB", "MB", "GB", "TB"];
        var digits = text.TrimEnd('B', 'K', 'M', 'G', 'T');
        var unit = digits.Length == text.Length ? 0 : Array.IndexOf(units, text[digits.Length..].Trim());
        return unit >= 0 && long.TryParse(digits.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < 1L << 20 << (40 - 10 * unit)
            ? number << (10 * unit) : throw new FormatException("a number of bytes such as 500GB");
    }

    private static long Long(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : throw new FormatException("a whole number of at least 1");

    private static IReadOnlyList<string> Known(IReadOnlyList<string> plugins) =>
        plugins.Except(ImportPlugins.Names).Any() ? throw new FormatException($"some of {string.Join(", ", ImportPlugins.Names)}") : plugins;

    private static Dictionary<string, string> Pairs(IReadOnlyList<string> words)
    {
        var pairs = words.Select(w => w.Split(':', 2)).ToList();
        if (pairs.Exists(p => p.Length < 2 || p[0].Length is 0 or > 255)) throw new FormatException("pairs such as os_distro:debian");
        try { foreach (var pair in pairs) ImageUpdate.RequireProperty(pair[0]); }
        catch (Fault e) { throw new FormatException($"properties anybody could set: {e.Message}"); }
        return pairs.DistinctBy(p => p[0]).ToDictionary(p => p[0], p => p[1]);
    }

    private static int[] Ports(IReadOnlyList<string> words) =>
        [.. words.Select(w => int.TryParse(w, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536 ? port : throw new FormatException("ports from 1 to 65535"))];

    private static IPNetwork[] Networks(IReadOnlyList<string> words) =>
        [.. words.Select(w => IPNetwork.TryParse(w, out var network) ? network : throw new FormatException("ranges such as 10.0.0.0/8"))];
}
