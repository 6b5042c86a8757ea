using Nephos.Contracts;
using Nephos.Kernel.Limits;
using Nephos.Network.Attributes;
using Nephos.Network.Networks;
using Nephos.Network.Nodes;
using Nephos.Network.Tags;

namespace Nephos.Network.FloatingIps;

/// <summary>What Compute's proxies ask, answered by the code of the API itself.</summary>
internal sealed class FloatingIpsContract(FloatingIpTable table, FloatingIps floating, NetworkTable networks, TagTable tags, ProxyRules rules, Changes changes, Quotas<NetworkDb> quotas) : IFloatingIps
{
    public async Task<IReadOnlyList<NetworkName>> Pools(CancellationToken ct) => (await networks.External()).ConvertAll(n => new NetworkName(n.Id, n.Name));

    public async Task<IReadOnlyList<FloatingIpFacts>> List(Caller caller, CancellationToken ct)
    {
        var viewer = rules.ViewerOf(caller);
        rules.Require("get_floatingip", caller, viewer.ProjectId);
        return await Facts(await table.OfProject(viewer.ProjectId));
    }

    public async Task<FloatingIpFacts?> Find(Caller caller, Guid id, CancellationToken ct) =>
        await floating.Find(id, rules.ViewerOf(caller)) is { } row ? (await Facts([row]))[0] : null;

    public async Task<IReadOnlyList<FloatingIpFacts>> At(Caller caller, string address, CancellationToken ct)
    {
        var viewer = rules.ViewerOf(caller);
        return await Facts((await table.At(address)).FindAll(f => viewer.IsAdmin || f.ProjectId == viewer.ProjectId));
    }

    public async Task<FloatingIpFacts> Allocate(Caller caller, Guid pool, CancellationToken ct)
    {
        var viewer = rules.ViewerOf(caller);
        rules.Require("create_floatingip", caller, viewer.ProjectId);
        var values = new Values { ["project_id"] = viewer.ProjectId, ["floating_network_id"] = pool, ["description"] = "", ["dns_name"] = "", ["dns_domain"] = "" };
        var id = await changes.Run(async change =>
        {
            await quotas.TakeOrRefuse(viewer.ProjectId, "floatingip");
            return await floating.Create(values, viewer, change);
        });
        return (await Find(caller, id, ct))!;
    }

    public Task Associate(Caller caller, Guid id, Guid? port, string? fixedAddress, CancellationToken ct) => changes.Run(async change =>
    {
        var row = await Own("update_floatingip", caller, id) ?? throw Errors.FloatingIpNotFound(id);
        await floating.Update(row, new Values { ["port_id"] = port, ["fixed_ip_address"] = fixedAddress }, rules.ViewerOf(caller), change);
    });

    public Task Release(Caller caller, Guid id, CancellationToken ct) => changes.Run(async change =>
    {
        if (await Own("delete_floatingip", caller, id) is not { } row) return;
        await floating.Delete(row, rules.ViewerOf(caller), change);
        await tags.Clear(floating.Name, id);
    });

    private async Task<FloatingIpRow?> Own(string rule, Caller caller, Guid id)
    {
        if (await floating.Find(id, rules.ViewerOf(caller)) is not { } row) return null;
        rules.Require(rule, caller, row.ProjectId);
        return await floating.Touch(id);
    }

    private async Task<List<FloatingIpFacts>> Facts(List<FloatingIpRow> rows)
    {
        var devices = (await table.Details([.. rows.Select(r => r.PortId).OfType<Guid>()])).ToDictionary(d => d.Id, d => d.DeviceId);
        var names = (await networks.Get([.. rows.Select(r => r.FloatingNetworkId).Distinct()])).ToDictionary(n => n.Id, n => n.Name.Length > 0 ? n.Name : n.Id.ToString());
        return rows.ConvertAll(r => new FloatingIpFacts(r.Id, r.FloatingIpAddress, names[r.FloatingNetworkId], r.FixedIpAddress, r.PortId is { } port ? devices.GetValueOrDefault(port) : null));
    }
}
