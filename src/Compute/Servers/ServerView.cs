using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Views;

namespace Nephos.Compute.Servers;

/// <summary>A server in a short list.</summary>
internal sealed record ServerEntry(string Id, string Name, Link[] Links)
{
    public static ServerEntry Of(ServerRow server, Call call) => new(server.Id.ToString(), server.Name, Link.Of(call, "servers", server.Id.ToString()));
}

/// <summary>What a caller may see of servers; asked once for a list.</summary>
internal sealed record ServerLook(Microversion Version, string Base, string Path, bool IsAdmin, bool Extended, bool ExtraSpecs, bool HostStatus, bool WithGroups = false, bool Brief = false)
{
    public bool At(int minor) => Version.Minor >= minor;
}

/// <summary>
/// A server with everything. Written member by member instead of as a record with versioned fields: which members there are depends on
/// rules and states besides the version, null and absent mean different things, and a thousand of them must take milliseconds.
/// </summary>
/// <param name="Row">The server.</param>
/// <param name="Look">Who looks.</param>
/// <param name="NodeStatus">UP, DOWN, MAINTENANCE, UNKNOWN, or empty without a host.</param>
[JsonConverter(typeof(ServerJson))]
internal sealed record ServerView(ServerRow Row, ServerLook Look, string NodeStatus = "")
{
    /// <summary>Shown once, by rebuild.</summary>
    public string? AdminPass { get; init; }
}

internal sealed class ServerJson : JsonConverter<ServerView>
{
    public override ServerView Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

    public override void Write(Utf8JsonWriter json, ServerView view, JsonSerializerOptions options)
    {
        var (server, look, _) = view;
        var status = server.DeletedAt is null ? ServerStatus.Of(server.VmState, server.TaskState) : "DELETED";
        var id = server.Id.ToString();
        json.WriteStartObject();
        json.WriteString("id", id);
        json.WriteString("name", server.Name);
        json.WriteString("status", status);
        json.WriteString("tenant_id", server.ProjectId);
        json.WriteString("user_id", server.UserId);
        json.WriteStartObject("metadata");
        foreach (var (key, value) in server.Metadata) json.WriteString(key, value);
        json.WriteEndObject();
        json.WriteString("hostId", Server.HostId(server.ProjectId, server.Host));
        Image(json, server, look);
        Flavor(json, server, look);
        json.WriteString("created", Wire.Seconds(server.CreatedAt));
        json.WriteString("updated", Wire.Seconds(server.UpdatedAt));
        Addresses(json, server.VmState == VmState.Building ? [] : server.Networks, look.Brief);
        json.WriteString("accessIPv4", server.AccessIpV4 ?? "");
        json.WriteString("accessIPv6", server.AccessIpV6 ?? "");
        json.WriteStartArray("links");
        WriteLink(json, "self", $"{look.Base}/{look.Path}/servers/{id}");
        WriteLink(json, "bookmark", $"{look.Base}/servers/{id}");
        json.WriteEndArray();
        json.WriteString("OS-DCF:diskConfig", server.AutoDiskConfig ? "AUTO" : "MANUAL");
        if (status is "ERROR" or "DELETED") Fault(json, server, look);
        if (status is "ACTIVE" or "BUILD" or "DELETED" or "REBUILD" or "RESIZE" or "VERIFY_RESIZE" or "MIGRATING") json.WriteNumber("progress", 0);
        if (!look.Brief) State(json, view);
        else if (look.At(54) && view.AdminPass is not null) json.WriteString("key_name", server.KeyName);
        Later(json, view);
        if (view.AdminPass is { } password)
        {
            json.WriteString("adminPass", password);
            if (look.At(57)) json.WriteString("user_data", server.UserData);
        }
        json.WriteEndObject();
    }

    private static void State(Utf8JsonWriter json, ServerView view)
    {
        var (server, look, _) = view;
        json.WriteString("OS-EXT-AZ:availability_zone", server.AvailabilityZone ?? "");
        json.WriteString("config_drive", server.ConfigDrive ? "True" : "");
        json.WriteString("key_name", server.KeyName);
        json.WriteString("OS-SRV-USG:launched_at", server.LaunchedAt is { } launched ? Wire.NoZone(launched) : null);
        json.WriteString("OS-SRV-USG:terminated_at", server.TerminatedAt is { } ended ? Wire.NoZone(ended) : null);
        Groups(json, server);
        if (look.Extended) Extended(json, server, look, withUserData: view.AdminPass is null);
        json.WriteString("OS-EXT-STS:task_state", server.TaskState);
        json.WriteString("OS-EXT-STS:vm_state", server.VmState);
        json.WriteNumber("OS-EXT-STS:power_state", server.PowerState);
        json.WriteStartArray("os-extended-volumes:volumes_attached");
        json.WriteEndArray();
    }

    private static void Later(Utf8JsonWriter json, ServerView view)
    {
        var (server, look, nodeStatus) = view;
        if (look.At(16) && look.HostStatus) json.WriteString("host_status", nodeStatus);
        if (look.At(9)) json.WriteBoolean("locked", server.LockedBy is not null);
        if (look.At(73)) json.WriteString("locked_reason", server.LockedReason);
        if (look.At(19)) json.WriteString("description", server.Description);
        if (look.At(26))
        {
            json.WriteStartArray("tags");
            foreach (var tag in server.Tags) json.WriteStringValue(tag);
            json.WriteEndArray();
        }
        if (look.At(63)) json.WriteNull("trusted_image_certificates");
        if (look.At(90) && !look.Extended) json.WriteString("OS-EXT-SRV-ATTR:hostname", server.Hostname);
        if (look.At(71) && look.WithGroups)
        {
            json.WriteStartArray("server_groups");
            if (server.GroupId is { } group) json.WriteStringValue(group.ToString());
            json.WriteEndArray();
        }
    }

    private static void Image(Utf8JsonWriter json, ServerRow server, ServerLook look)
    {
        if (server.ImageId is not { } image)
        {
            json.WriteString("image", "");
            return;
        }
        json.WriteStartObject("image");
        json.WriteString("id", image.ToString());
        json.WriteStartArray("links");
        WriteLink(json, "bookmark", $"{look.Base}/images/{image}");
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Flavor(Utf8JsonWriter json, ServerRow server, ServerLook look)
    {
        var flavor = server.Flavor;
        json.WriteStartObject("flavor");
        if (look.At(47))
        {
            json.WriteNumber("vcpus", flavor.Vcpus);
            json.WriteNumber("ram", flavor.MemoryMb);
            json.WriteNumber("disk", flavor.RootGb);
            json.WriteNumber("ephemeral", flavor.EphemeralGb);
            json.WriteNumber("swap", flavor.Swap);
            json.WriteString("original_name", flavor.Name);
            if (look.ExtraSpecs)
            {
                json.WriteStartObject("extra_specs");
                foreach (var (key, value) in flavor.ExtraSpecs) json.WriteString(key, value);
                json.WriteEndObject();
            }
        }
        else
        {
            json.WriteString("id", flavor.Id);
            json.WriteStartArray("links");
            WriteLink(json, "bookmark", $"{look.Base}/flavors/{flavor.Id}");
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static void Addresses(Utf8JsonWriter json, NicView[] nics, bool brief)
    {
        json.WriteStartObject("addresses");
        foreach (var network in nics.Select(n => n.Name).Distinct())
        {
            var own = Array.FindAll(nics, n => n.Name == network);
            if (Array.TrueForAll(own, n => n.Addresses.Length == 0)) continue;
            json.WriteStartArray(network);
            foreach (var nic in own)
                foreach (var address in nic.Addresses)
                {
                    WriteAddress(json, address.Address, "fixed", nic.Mac, brief);
                    if (address.Floating is { } floating) WriteAddress(json, floating, "floating", nic.Mac, brief);
                }
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static void WriteAddress(Utf8JsonWriter json, string address, string type, string mac, bool brief)
    {
        json.WriteStartObject();
        json.WriteNumber("version", VersionOf(address));
        json.WriteString("addr", address);
        if (!brief)
        {
            json.WriteString("OS-EXT-IPS:type", type);
            json.WriteString("OS-EXT-IPS-MAC:mac_addr", mac);
        }
        json.WriteEndObject();
    }

    /// <summary>4 or 6.</summary>
    public static int VersionOf(string address) => IPAddress.TryParse(address, out var ip) && ip.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? 6 : 4;

    private static void Fault(Utf8JsonWriter json, ServerRow server, ServerLook look)
    {
        if (server.Fault is not { } fault) return;
        json.WriteStartObject("fault");
        json.WriteNumber("code", fault.Code);
        json.WriteString("created", Wire.Seconds(fault.CreatedAt));
        json.WriteString("message", fault.Message);
        if (fault.Details is { } details && (look.IsAdmin || fault.Code != 500)) json.WriteString("details", details);
        json.WriteEndObject();
    }

    private static void Groups(Utf8JsonWriter json, ServerRow server)
    {
        // Until it has ports the groups are those asked for; like upstream, none at all is no member.
        var names = server.Networks.Length > 0 ? server.Networks.SelectMany(n => n.Groups) : server.VmState == VmState.Building ? server.SecurityGroups : [];
        var open = false;
        foreach (var name in names)
        {
            if (!open) json.WriteStartArray("security_groups");
            open = true;
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteEndObject();
        }
        if (open) json.WriteEndArray();
    }

    // Rebuild shows the user data outside of the extension.
    private static void Extended(Utf8JsonWriter json, ServerRow server, ServerLook look, bool withUserData)
    {
        json.WriteString("OS-EXT-SRV-ATTR:host", server.Host);
        json.WriteString("OS-EXT-SRV-ATTR:instance_name", server.InstanceName);
        json.WriteString("OS-EXT-SRV-ATTR:hypervisor_hostname", server.Node);
        if (!look.At(3)) return;
        json.WriteString("OS-EXT-SRV-ATTR:reservation_id", server.ReservationId);
        json.WriteNumber("OS-EXT-SRV-ATTR:launch_index", server.LaunchIndex);
        json.WriteString("OS-EXT-SRV-ATTR:hostname", server.Hostname);
        json.WriteString("OS-EXT-SRV-ATTR:kernel_id", server.KernelId);
        json.WriteString("OS-EXT-SRV-ATTR:ramdisk_id", server.RamdiskId);
        json.WriteString("OS-EXT-SRV-ATTR:root_device_name", server.RootDeviceName);
        if (withUserData) json.WriteString("OS-EXT-SRV-ATTR:user_data", server.UserData);
    }

    private static void WriteLink(Utf8JsonWriter json, string rel, string href)
    {
        json.WriteStartObject();
        json.WriteString("rel", rel);
        json.WriteString("href", href);
        json.WriteEndObject();
    }
}
