using Nephos.Compute.Aggregates;

namespace Nephos.Compute.AvailabilityZones;

/// <summary>Which zone a host is in: that of an aggregate which names one, else the default.</summary>
internal sealed class Zones(IReadOnlyList<Aggregate> aggregates)
{
    public const string Default = "nova";
    public const string Internal = "internal";

    public string Of(string host) => aggregates.FirstOrDefault(a => a.Zone is not null && a.Hosts.Contains(host))?.Zone ?? Default;

    /// <summary>Metadata of the aggregates a host is in; a key has every value it is given.</summary>
    public ILookup<string, string> MetadataOf(string host) =>
        aggregates.Where(a => a.Hosts.Contains(host)).SelectMany(a => a.Metadata).ToLookup(m => m.Key, m => m.Value, StringComparer.Ordinal);
}
