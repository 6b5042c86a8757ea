using Nephos.Image.Stores;
using Nephos.Image.Web;

namespace Nephos.Image;

/// <summary>How this cloud keeps images.</summary>
public sealed record ImageOptions
{
    /// <summary>Folder of this host for data on its way: best on the file system of the default store, which then shares its blocks.</summary>
    public required string Staging { get; init; }

    /// <summary>As the operator describes them; none for the one of the state folder.</summary>
    public IReadOnlyList<StoreOptions> Stores { get; init; } = [];

    /// <summary>The store that is used where none is named; null: the first.</summary>
    public string? DefaultStore { get; init; }

    /// <summary>Bytes of one image.</summary>
    public long MaxImage { get; init; } = 1L << 40;

    /// <summary>False: data that no inspector knows may claim any format. For clouds whose guests are pretended.</summary>
    public bool RequireFormatMatch { get; init; } = true;

    /// <summary>The ways to import, in the order clients are told.</summary>
    public IReadOnlyList<string> ImportMethods { get; init; } = ["glance-direct", "web-download", "copy-image", "glance-download"];

    /// <summary>What of another cloud's image comes along with <c>glance-download</c>: properties that begin so.</summary>
    public IReadOnlyList<string> DownloadedProperties { get; init; } = ["hw_", "trait:", "os_distro", "os_secure_boot", "os_type"];

    /// <summary>Unix socket on which this cloud answers its own API; null where it has none.</summary>
    public string? OwnSocket { get; init; }

    /// <summary>From where images may be fetched by URL.</summary>
    public WebOptions Web { get; init; } = new();
}
