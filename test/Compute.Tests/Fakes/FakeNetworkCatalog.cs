using Nephos.Contracts;

namespace Nephos.Compute.Tests.Fakes;

internal sealed class FakeNetworkCatalog(FakeNetworks networks) : INetworkCatalog
{
    public Task<IReadOnlyList<NetworkName>> List(Caller caller, CancellationToken ct) => Task.FromResult<IReadOnlyList<NetworkName>>(
        [.. networks.All.Where(n => caller.HasRole("admin") || n.ProjectId == caller.ProjectId).Select(n => new NetworkName(n.Id, n.Name))]);

    public async Task<NetworkName?> Find(Caller caller, Guid id, CancellationToken ct) => (await List(caller, ct)).FirstOrDefault(n => n.Id == id);
}
