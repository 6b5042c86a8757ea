using System.Text.Json.Serialization;
using Nephos.Contracts;
using Nephos.Kernel.Data;

namespace Nephos;

/// <summary>How a cloud is run: what the command line says, shared by every role. Travels to child processes as JSON on their standard input.</summary>
sealed record NephosOptions
{
    /// <summary>Absolute path of the folder that holds everything.</summary>
    public required string State { get; init; }
    /// <summary><c>ADDRESS:PORT</c> of the shared port.</summary>
    public string Listen { get; init; } = "127.0.0.1:8700";
    /// <summary>Base of every URL shown, or null to take it from the request.</summary>
    public string? PublicUrl { get; init; }
    /// <summary>Addresses whose <c>X-Forwarded-*</c> headers are believed.</summary>
    public IReadOnlyList<string> TrustedProxies { get; init; } = [];
    /// <summary>Folder of the operator's files: settings, and <c>policy</c>.</summary>
    public string Config { get; init; } = "/etc/nephos";
    /// <summary>True: what upstream's deprecated default rules allow is allowed too.</summary>
    public bool LegacyPolicy { get; init; }
    /// <summary>True: also 5000, 8774, 9292 ... as OpenStack's services have them.</summary>
    public bool ClassicPorts { get; init; } = true;
    /// <summary>Range of the external network that the first start seeds.</summary>
    public string ExternalCidr { get; init; } = "172.24.4.0/24";
    /// <summary>Name of a network namespace in which the node makes everything, or null for the host's own.</summary>
    public string? HostNamespace { get; init; }
    /// <summary>True: the real node code over drivers that only pretend.</summary>
    public bool Fake { get; init; }
    /// <summary>True: dies where <c>NEPHOS_CRASH</c> says, for tests of recovery.</summary>
    public bool CrashPoints { get; init; }
    /// <summary><c>postgresql://...</c>, or null for SQLite in the state folder.</summary>
    public Secret? Database { get; init; }
    /// <summary>PEM file of the certificate, or null for plain HTTP.</summary>
    public string? TlsCertificate { get; init; }
    /// <summary>PEM file of its key.</summary>
    public string? TlsKey { get; init; }

    /// <summary>What may be read by others.</summary>
    [JsonIgnore]
    public NephosOptions WithoutSecrets => Database is null ? this : this with { Database = new(DatabaseShown!) };

    /// <summary>The database's URL for people, or null for SQLite.</summary>
    [JsonIgnore]
    public string? DatabaseShown => Database is null ? null : DatabaseOptions.WithoutPassword(Database.Reveal());

    /// <summary><c>http</c> or <c>https</c>.</summary>
    [JsonIgnore]
    public string Scheme => TlsCertificate is null ? "http" : "https";

    /// <summary>Where a person on this host reaches it.</summary>
    [JsonIgnore]
    public string LocalUrl => PublicUrl ?? $"{Scheme}://{Listen.Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal).Replace("[::]", "[::1]", StringComparison.Ordinal)}";
}
