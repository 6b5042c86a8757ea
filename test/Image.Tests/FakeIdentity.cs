using Nephos.Contracts;

namespace Nephos.Image.Tests;

/// <summary>A catalog and limits that tests write.</summary>
internal sealed class FakeIdentity : IIdentity
{
    /// <summary>URLs of image services by region.</summary>
    public Dictionary<string, string> Regions { get; } = [];

    /// <summary>Everybody's limits by resource.</summary>
    public Dictionary<string, long> Registered { get; } = [];

    public Task<IReadOnlyList<ProjectFacts>> Projects(IReadOnlyList<string> ids, CancellationToken ct) => throw new NotSupportedException();

    public Task<IReadOnlyList<UserFacts>> Users(IReadOnlyList<string> ids, CancellationToken ct) => throw new NotSupportedException();

    public Task<string?> Endpoint(string serviceType, string region, string face, CancellationToken ct) =>
        Task.FromResult(serviceType == "image" && face == "public" ? Regions.GetValueOrDefault(region) : null);

    public Task<IReadOnlyDictionary<string, long>> Limits(string serviceType, string project, CancellationToken ct) =>
        Task.FromResult<IReadOnlyDictionary<string, long>>(serviceType == "image" ? Registered : []);
}
