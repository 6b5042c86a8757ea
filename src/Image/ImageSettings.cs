using System.Globalization;
using System.Net;
using Nephos.Image.Stores;
using Nephos.Image.Web;
using Nephos.Kernel.Settings;

namespace Nephos.Image;

/// <summary>What operators may decide in <c>image.conf</c>, under upstream's names.</summary>
public static class ImageSettings
{
    private static readonly string[] Kinds = ["file", "swift"];

    /// <summary>All of them.</summary>
    public static SettingList<ImageOptions> List { get; } = SwiftStoreOptions.In(new SettingList<ImageOptions>("image", new ImageOptions { Staging = "" })
        .Words("DEFAULT", "enabled_backends", "Stores, each as NAME:KIND (file, swift); each has a group of its own below. Without any: one of files in the state folder, named file.",
            o => o.Stores.Select(s => $"{s.Id}:{s.Type}"), WithStores)
        .Text("glance_store", "default_backend", "The store that is used where none is named; the first, unless said.", o => o.DefaultStore, (o, v) => o with { DefaultStore = v })
        .Text("DEFAULT", "image_size_cap", "Bytes of one image.", o => Text(o.MaxImage), (o, v) => o with { MaxImage = Long(v) })
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
        .Named("STORE", "store_description", "What users are told of it.", "", (o, store, v) => o.WithStore(store, s => s with { Description = v }))
        .Named("STORE", "filesystem_store_datadir", "Folder of a store of files; the user nephos must be able to write there.", "", (o, store, v) => o.WithStore(store, s => s with { Folder = v })), WithStore);

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

    private static long Long(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : throw new FormatException("a whole number of at least 1");

    private static int[] Ports(IReadOnlyList<string> words) =>
        [.. words.Select(w => int.TryParse(w, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536 ? port : throw new FormatException("ports from 1 to 65535"))];

    private static IPNetwork[] Networks(IReadOnlyList<string> words) =>
        [.. words.Select(w => IPNetwork.TryParse(w, out var network) ? network : throw new FormatException("ranges such as 10.0.0.0/8"))];
}
