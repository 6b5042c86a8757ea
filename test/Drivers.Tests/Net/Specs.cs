using Nephos.Contracts;
using Nephos.Contracts.Drivers;

namespace Nephos.Drivers.Tests.Net;

/// <summary>Short ways to the records the drivers take.</summary>
internal static class Specs
{
    static int macs;

    public static NetworkSpec Network(string type = "local", int? segment = null) => new() { Id = NewId.Uuid(), Type = type, SegmentationId = segment, Mtu = 1450, PhysicalNetwork = type == "flat" ? "external" : null };

    public static PortSpec Port(NetworkSpec network, string address, params Guid[] groups)
    {
        var id = NewId.Uuid();
        return new()
        {
            Id = id, Network = network.Id, Device = DeviceNames.Tap(id), Mac = Mac(), Addresses = [address], Mtu = network.Mtu, Groups = groups,
        };
    }

    public static string Mac() => $"fa:16:3e:00:01:{Interlocked.Increment(ref macs) & 0xff:x2}";

    /// <summary>What a default group allows: everything out, everything from its own members.</summary>
    public static GroupSpec OpenGroup(params GroupRule[] more) => new(NewId.Uuid(), [Out(false), Out(true), .. more]);

    public static GroupRule Out(bool v6) => new() { Ingress = false, V6 = v6 };

    public static GroupRule In(string? protocol = null, int? min = null, int? max = null, string? cidr = null, Guid? group = null, bool v6 = false) =>
        new() { Ingress = true, V6 = v6, Protocol = protocol, PortMin = min, PortMax = max, RemoteCidr = cidr, RemoteGroup = group };
}
