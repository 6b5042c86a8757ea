using Nephos.Image.Images;
using Nephos.Image.Stores;
using Nephos.Image.Web;

namespace Nephos.Image;

/// <summary>How this cloud keeps images.</summary>
public sealed record ImageOptions
{
    /// <summary>Folder of this host for data on its way: best on the file system of the default store, which then shares its blocks.</summary>
    public required string Staging { get; init; }

    /// <summary>Folder of this host for copies of data that stores elsewhere have; null: beside data on its way.</summary>
    public string? CacheFolder { get; init; }

    /// <summary>Bytes of those copies, beyond which the longest unread go.</summary>
    public long CacheBytes { get; init; } = 10L << 30;

    /// <summary>How long an image stays in the queue for such a copy at least.</summary>
    public TimeSpan CacheWait { get; init; }

    /// <summary>As the operator describes them; none for the one of the state folder.</summary>
    public IReadOnlyList<StoreOptions> Stores { get; init; } = [];

    /// <summary>The store that is used where none is named; null: the first.</summary>
    public string? DefaultStore { get; init; }

    /// <summary>Bytes of one image.</summary>
    public long MaxImage { get; init; } = 1L << 40;

    /// <summary>Bytes of a project's images together; 0 is no limit.</summary>
    public long ProjectBytes { get; init; }

    /// <summary>How many properties and the like an image may have.</summary>
    public CountOptions Counts { get; init; } = new();

    /// <summary>Of <c>os_hash_value</c> of data that comes from now on.</summary>
    public string HashAlgorithm { get; init; } = "sha512";

    /// <summary>Whether data that others keep is measured when an image gets it.</summary>
    public bool HashLocations { get; init; } = true;

    /// <summary>Who may do what to which properties; null: no property is protected.</summary>
    public string? ProtectionFile { get; init; }

    /// <summary>What that file names: <c>roles</c> or <c>policies</c>.</summary>
    public string ProtectionFormat { get; init; } = "roles";

    /// <summary>False: data that no inspector knows may claim any format. For clouds whose guests are pretended.</summary>
    public bool RequireFormatMatch { get; init; } = true;

    /// <summary>Whether clients see where images' data is, and may say so themselves.</summary>
    public bool ShowLocations { get; init; }

    /// <summary>Whether clients see the first such place.</summary>
    public bool ShowDirectUrl { get; init; }

    /// <summary>The ways to import, in the order clients are told.</summary>
    public IReadOnlyList<string> ImportMethods { get; init; } = ["glance-direct", "web-download", "copy-image", "glance-download"];

    /// <summary>What of another cloud's image comes along with <c>glance-download</c>: properties that begin so.</summary>
    public IReadOnlyList<string> DownloadedProperties { get; init; } = ["hw_", "trait:", "os_distro", "os_secure_boot", "os_type"];

    /// <summary>What is made of imported data.</summary>
    public IReadOnlyList<string> ImportPlugins { get; init; } = [];

    /// <summary>The format that <c>image_conversion</c> makes.</summary>
    public string ConvertTo { get; init; } = "raw";

    /// <summary>Bytes that <c>image_decompression</c> makes at most.</summary>
    public long MaxUnpacked { get; init; } = 100L << 30;

    /// <summary>Properties that <c>inject_image_metadata</c> gives to imported images.</summary>
    public IReadOnlyDictionary<string, string> InjectedProperties { get; init; } = new Dictionary<string, string>();

    /// <summary>Roles whose imports get none.</summary>
    public IReadOnlyList<string> InjectNotFor { get; init; } = ["admin"];

    /// <summary>Unix socket on which this cloud answers its own API; null where it has none.</summary>
    public string? OwnSocket { get; init; }

    /// <summary>Folder with the certificates that images' signatures name; null: none can be verified.</summary>
    public string? CertificateFolder { get; init; }

    /// <summary>From where images may be fetched by URL.</summary>
    public WebOptions Web { get; init; } = new();
}
