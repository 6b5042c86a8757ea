using System.Globalization;
using Nephos.Contracts;
using Nephos.Kernel.Settings;

namespace Nephos.Image.Stores;

/// <summary>A store in an object storage, as an operator describes it.</summary>
public sealed record SwiftStoreOptions
{
    public string AuthAddress { get; init; } = "";
    public int AuthVersion { get; init; } = 3;
    public string Project { get; init; } = "";
    public string User { get; init; } = "";
    public Secret? Key { get; init; }
    public string Container { get; init; } = "glance";
    public string? Region { get; init; }
    public string Interface { get; init; } = "public";
    public string UserDomain { get; init; } = "default";
    public string ProjectDomain { get; init; } = "default";

    /// <summary>MiB of an object; larger images are parts.</summary>
    public int PartMib { get; init; } = 200;

    /// <summary>Refuses what cannot work.</summary>
    internal void Check(string store)
    {
        if (!Uri.TryCreate(AuthAddress, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https")) throw new SettingRefused($"image.conf: the store {store} needs swift_store_auth_address, the URL of Keystone's v3");
        if (User.Length == 0 || Key is null) throw new SettingRefused($"image.conf: the store {store} needs swift_store_user (PROJECT:USER) and swift_store_key");
    }

    /// <summary>The settings of such stores, under upstream's names.</summary>
    internal static SettingList<ImageOptions> In(SettingList<ImageOptions> list, Func<ImageOptions, string, Func<StoreOptions, StoreOptions>, ImageOptions> change)
    {
        var none = new SwiftStoreOptions();
        return list
            .Named("STORE", "swift_store_auth_address", "URL that gives a swift store its tokens: Keystone's, with /v3.", "", Set((s, v) => s with { AuthAddress = v }))
            .Named("STORE", "swift_store_auth_version", "3 for Keystone, 1 for Swift's own tokens.", "3", Set((s, v) => s with { AuthVersion = v is "1" or "3" ? v[0] - '0' : throw new FormatException("1 or 3") }))
            .Named("STORE", "swift_store_user", "As whom images are kept, as PROJECT:USER.", "", Set((s, v) => v.Split(':') is [{ Length: > 0 } project, { Length: > 0 } user] ? s with { Project = project, User = user } : throw new FormatException("PROJECT:USER")))
            .Named("STORE", "swift_store_key", "The user's password.", "", Set((s, v) => s with { Key = new Secret(v) }))
            .Named("STORE", "swift_store_container", "Made if absent; parts of large images lie in another one, whose name ends in _segments.", none.Container, Set((s, v) => v.Length is > 0 and <= 200 && !v.Contains('/', StringComparison.Ordinal) ? s with { Container = v } : throw new FormatException("a name without /")))
            .Named("STORE", "swift_store_region", "Region of the catalog; the first one, unless said.", "", Set((s, v) => s with { Region = v }))
            .Named("STORE", "swift_store_endpoint_type", "Which of the catalog's addresses.", "publicURL", Set((s, v) => s with { Interface = v is "publicURL" or "internalURL" or "adminURL" ? v[..^3] : throw new FormatException("publicURL, internalURL or adminURL") }))
            .Named("STORE", "swift_store_user_domain_id", "The user's domain.", none.UserDomain, Set((s, v) => s with { UserDomain = v }))
            .Named("STORE", "swift_store_project_domain_id", "The project's domain.", none.ProjectDomain, Set((s, v) => s with { ProjectDomain = v }))
            .Named("STORE", "swift_store_large_object_chunk_size", "MiB of an object; larger images are kept in parts of it.", "200", Set((s, v) =>
                int.TryParse(v, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size is >= 1 and <= 5120 ? s with { PartMib = size } : throw new FormatException("1 to 5120")));

        Func<ImageOptions, string, string, ImageOptions> Set(Func<SwiftStoreOptions, string, SwiftStoreOptions> set) =>
            (options, store, value) => change(options, store, s => s with { Swift = set(s.Swift ?? none, value) });
    }
}
