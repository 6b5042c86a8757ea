namespace Nephos.Drivers.Ceph;

/// <summary>A Ceph cluster, and as whom it is used.</summary>
public sealed record CephOptions
{
    /// <summary>Null: where Ceph looks for it, <c>/etc/ceph/ceph.conf</c> first. It names the keyring.</summary>
    public string? ConfFile { get; init; }

    /// <summary>Without <c>client.</c>; null: <c>admin</c>.</summary>
    public string? User { get; init; }

    /// <summary>How long the cluster's monitors may take to answer. Ceph's own limit is five minutes.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a single read or write may take; Ceph's own clients wait for ever.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromMinutes(1);
}
