using System.Text.Json;
using Nephos.Kernel.Api.Schemas;
using Nephos.Network.Attributes;
using Nephos.Network.Ports;

namespace Nephos.Network.Routers;

/// <summary>What a body wants of a router's way out.</summary>
internal sealed record WantedGateway(Guid Network, bool? Snat, WantedIp[]? Ips);

/// <summary>Readers of a router's compound values.</summary>
internal static class RouterReaders
{
    /// <summary>Null or an empty object takes the gateway away.</summary>
    public static object? Gateway(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Null) return null;
        if (json.ValueKind != JsonValueKind.Object) throw new InvalidValue($"'{PythonRepr.Str(json)}' is not a dictionary");
        if (!json.EnumerateObject().Any()) return null;
        var unknown = json.EnumerateObject().Where(p => p.Name is not ("network_id" or "enable_snat" or "external_fixed_ips" or "qos_policy_id")).Select(p => p.Name).ToList();
        if (unknown.Count > 0) throw new InvalidValue($"Unexpected keys supplied: {string.Join(", ", unknown)}");
        if (!json.TryGetProperty("network_id", out var network)) throw new InvalidValue("Validation of dictionary's keys failed. Expected keys: {'network_id'} Provided keys: " + PythonRepr.Of(json));
        if (network.ValueKind == JsonValueKind.Null) return null;
        var ips = json.TryGetProperty("external_fixed_ips", out var given) && given.ValueKind != JsonValueKind.Null ? (WantedIp[])PortReaders.FixedIps(given)! : null;
        return new WantedGateway((Guid)Read.Uuid(network)!, json.TryGetProperty("enable_snat", out var snat) ? (bool)Read.Bool(snat)! : null, ips);
    }

    public static IEnumerable<string> GatewayParts(object? value)
    {
        if (value is not WantedGateway gateway) yield break;
        yield return "network_id";
        if (gateway.Snat is not null) yield return "enable_snat";
        if (gateway.Ips is not null) yield return "external_fixed_ips";
    }
}
