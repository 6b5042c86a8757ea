using System.Text.Json;
using Nephos.Contracts;

namespace Nephos.Compute.Servers;

/// <summary>A card a server will have: a user's port, or a network for which a port with this id will be made.</summary>
internal sealed record PlannedNic(Guid Port, Guid? Network, string? Address, bool Ours, string? Tag);

/// <summary>Decides the network cards of new servers, by nova's rules.</summary>
internal sealed class NetworkPlan(INetworks networks)
{
    /// <summary>The cards of one server, with ports to be made still without their ids.</summary>
    /// <param name="asked">The body's <c>networks</c>: a list, <c>auto</c>, <c>none</c>, or undefined.</param>
    /// <param name="caller">For whom.</param>
    /// <param name="count">How many servers: ports and addresses are good for one.</param>
    /// <param name="ct">Cancels.</param>
    public async Task<IReadOnlyList<PlannedNic>> Plan(JsonElement? asked, Caller caller, int count, CancellationToken ct)
    {
        var (project, isAdmin) = (caller.ProjectId!, caller.HasRole("admin"));
        if (asked is { ValueKind: JsonValueKind.String } word)
        {
            if (word.GetString() == "none") return [];
            var usable = await networks.Usable(project, isAdmin, [], ct);
            return usable.Count switch
            {
                0 => [On((await Auto(project, ct)).Id)],
                1 => [On(usable[0].Id)],
                _ => throw Errors.NetworkAmbiguous(),
            };
        }
        if (asked is not { ValueKind: JsonValueKind.Array } list || list.GetArrayLength() == 0)
        {
            var usable = (await networks.Usable(project, isAdmin, [], ct)).Where(n => n.Subnets > 0 || n.ProjectId == project).ToList();
            return usable.Count switch { 0 => [], 1 => [On(Fit(usable[0], project, isAdmin).Id)], _ => throw Errors.NetworkAmbiguous() };
        }
        var nics = list.EnumerateArray().Select(Parse).ToList();
        Refuse(nics, count);
        await CheckPorts([.. nics.Where(n => !n.Ours).Select(n => n.Port)], caller, ct);
        await CheckNetworks([.. nics.Where(n => n.Ours).Select(n => n.Network!.Value).Distinct()], project, isAdmin, ct);
        return nics;
    }

    private async Task<NetworkFacts> Auto(string project, CancellationToken ct)
    {
        try { return await networks.Auto(project, ct); }
        catch (Fault fault) when (fault.Kind is FaultKind.Conflict or FaultKind.Invalid) { throw Errors.NoAutomaticNetwork(project, fault.Message); }
    }

    private static PlannedNic On(Guid network) => new(default, network, null, true, null);

    private static PlannedNic Parse(JsonElement nic)
    {
        var (address, tag) = (nic.Text("fixed_ip"), nic.Text("tag"));
        if (nic.Text("port") is { } port)
            return address is null ? new(Guid.Parse(port), null, null, false, tag) : throw Errors.AddressWithPort(address, port);
        var uuid = nic.Text("uuid") ?? throw Errors.NetworkWithoutId();
        // Old clients wrote br-<uuid>.
        return Guid.TryParse(uuid.StartsWith("br-", StringComparison.Ordinal) ? uuid[3..] : uuid, out var network) ? new(default, network, address, true, tag) : throw Errors.BadNetworkId(uuid);
    }

    private static void Refuse(List<PlannedNic> nics, int count)
    {
        if (nics.Where(n => !n.Ours).GroupBy(n => n.Port).FirstOrDefault(g => g.Count() > 1) is { } twice) throw Errors.PortInUse(twice.Key);
        if (count == 1) return;
        if (nics.Exists(n => n.Address is not null)) throw Errors.AddressForMany();
        if (nics.Exists(n => !n.Ours)) throw Errors.PortForMany();
    }

    private async Task CheckPorts(Guid[] ids, Caller caller, CancellationToken ct)
    {
        if (ids.Length == 0) return;
        var ports = (await networks.Ports(ids, ct)).ToDictionary(p => p.Id);
        foreach (var id in ids)
        {
            if (!ports.TryGetValue(id, out var port) || port.ProjectId != caller.ProjectId && !caller.HasRole("admin")) throw Errors.PortNotFound(id);
            if (port.DeviceId.Length > 0) throw Errors.PortInUse(id);
            if (port.Addresses.Count == 0) throw Errors.PortWithoutAddress(id);
        }
    }

    private async Task CheckNetworks(Guid[] ids, string project, bool isAdmin, CancellationToken ct)
    {
        if (ids.Length == 0) return;
        var known = (await networks.Usable(project, isAdmin, ids, ct)).ToDictionary(n => n.Id);
        foreach (var id in ids) Fit(known.GetValueOrDefault(id) ?? throw Errors.NetworkNotFound(id), project, isAdmin);
    }

    private static NetworkFacts Fit(NetworkFacts network, string project, bool isAdmin)
    {
        if (network.External && !network.Shared && network.ProjectId != project && !isAdmin) throw Errors.ExternalNetwork(network.Id);
        if (network.Subnets == 0) throw Errors.NetworkWithoutSubnet(network.Id);
        return network;
    }
}
