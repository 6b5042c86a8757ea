using System.Text.Json;
using Nephos.Compute.Aggregates;
using Nephos.Compute.AvailabilityZones;
using Nephos.Compute.Flavors;
using Nephos.Compute.Hypervisors;
using Nephos.Compute.KeyPairs;
using Nephos.Compute.ServerGroups;
using Nephos.Contracts;
using Nephos.Contracts.Link;
using Nephos.Kernel.Api;

namespace Nephos.Compute.Servers;

/// <summary>A request for servers, read and checked: one row to copy for each, and what its operation needs.</summary>
/// <param name="Row">Without the id, number and index that each server gets.</param>
/// <param name="Start">Likewise.</param>
/// <param name="Min">How many at least.</param>
/// <param name="Max">How many at most.</param>
/// <param name="Password">Shown once; no guest gets it here, as with upstream's drivers that cannot inject one.</param>
internal sealed record ServerOrder(ServerRow Row, CreateServer.State Start, int Min, int Max, string Password)
{
    /// <summary>The row and state of one of the servers.</summary>
    public (ServerRow Row, CreateServer.State Start) Nth(int index, int count, long number)
    {
        var id = NewId.Uuid();
        var nics = Start.Nics.Select(n => n.Ours ? n with { Port = NewId.Uuid() } : n).ToArray();
        var name = count == 1 ? Row.Name : $"{Row.Name}-{index + 1}";
        return (Row with
        {
            Id = id,
            Number = number,
            LaunchIndex = index,
            Name = name,
            Hostname = Row.Hostname.Length > 0 ? Row.Hostname : Server.HostName(name, $"server-{id}"),
            NicTags = nics.Where(n => n.Tag is not null).ToDictionary(n => n.Port, n => n.Tag!),
        }, Start with { Server = id, Nics = nics });
    }
}

/// <summary>Reads and checks a request for servers, in nova's order.</summary>
internal sealed class NewServer(FlavorTable flavors, KeyPairTable keys, IImages images, NetworkPlan plan, INetworks networks, ServerGroupTable groups, Personality personality, NodeTable nodes, AggregateTable aggregates, TimeProvider time)
{
    public const string ForcedHost = "os_compute_api:servers:create:forced_host";
    public const string RequestedDestination = "compute:servers:create:requested_destination";
    public const string AttachNetwork = "os_compute_api:servers:create:attach_network";
    public const string ZeroDisk = "os_compute_api:servers:create:zero_disk_flavor";
    public const string TrustedCerts = "os_compute_api:servers:create:trusted_certs";

    public async Task<ServerOrder> Read(Call call)
    {
        var body = call.Json.GetProperty("server");
        var (caller, ct) = (call.Caller, call.Cancel);
        var min = body.Whole("min_count", 1);
        var max = body.Whole("max_count", min);
        if (min > max) throw Errors.CountOrder();
        if (body.Part("trusted_image_certificates") is not null)
        {
            call.Authorize(TrustedCerts);
            throw Errors.NoTrustedCertificates();
        }
        var (zone, host) = await Destination(call, body);
        var devices = LocalDevices.Of(body);
        var image = body.Text("imageRef") is { Length: > 0 } id ? await Image(Guid.Parse(id), caller, ct) : devices.Image is { } boot ? await Image(boot, caller, ct) : throw Errors.NoImage();
        if (body.Part("networks") is not null) call.Authorize(AttachNetwork);
        if (call.At("2.90") && body.Text("hostname") is not null && max > 1) throw Errors.HostNameForMany();

        var flavor = await flavors.Usable(body.GetProperty("flavorRef").ToString().Split('/')[^1], caller.ProjectId, caller.HasRole("admin"));
        if (flavor is null || flavor.Disabled) throw Errors.NoSuchFlavor(body.GetProperty("flavorRef").ToString());
        var use = devices.Apply(flavor);
        var files = await personality.Read(body, caller.ProjectId!);
        Fit(call, flavor, image);
        var key = body.Text("key_name") is { } keyName ? await keys.Find(caller.UserId, keyName) ?? throw Errors.BadKeyName() : null;
        var nics = await plan.Plan(body.Part("networks"), caller, max, ct);
        var securityGroups = await SecurityGroups(body, caller, ct);
        var hints = call.Json.Part("os:scheduler_hints") ?? call.Json.Part("OS-SCH-HNT:scheduler_hints");
        var group = hints?.Text("group") is { } groupId ? await Group(groupId, caller) : null;

        var now = time.GetUtcNow();
        var name = body.GetProperty("name").GetString()!.Trim();
        var row = new ServerRow
        {
            Id = default, Number = 0, Name = name, Description = call.At("2.19") ? body.Text("description") : name,
            Hostname = call.At("2.90") ? body.Text("hostname") ?? "" : "",
            ProjectId = caller.ProjectId!, UserId = caller.UserId, VmState = VmState.Building, TaskState = TaskState.Scheduling, PowerVerb = PowerVerb.None,
            FlavorId = flavor.Id, Flavor = use, ImageId = image.Id, Image = ImageOf(image),
            KernelId = image.Properties.GetValueOrDefault("kernel_id") ?? "", RamdiskId = image.Properties.GetValueOrDefault("ramdisk_id") ?? "",
            KeyName = key?.Name, KeyData = key?.PublicKey, KeyType = key?.Type, UserData = body.Text("user_data"), InjectedFiles = files,
            ConfigDrive = body.Flag("config_drive") || image.Properties.GetValueOrDefault("img_config_drive") == "mandatory",
            RequestedZone = zone, ReservationId = Server.NewReservation(), RootDeviceName = "/dev/vda",
            AccessIpV4 = body.Text("accessIPv4"), AccessIpV6 = Server.Address(body.Text("accessIPv6")), AutoDiskConfig = body.Text("OS-DCF:diskConfig") != "MANUAL",
            Metadata = Metadata(body), Tags = Tags(body), SecurityGroups = nics.Count == 0 ? [] : securityGroups is null ? ["default"] : [.. securityGroups.Select(g => g.Name)],
            GroupId = group?.Id, CreatedAt = now, UpdatedAt = now,
        };
        var start = new CreateServer.State(default, call.RequestId, [.. nics], securityGroups is null ? null : [.. securityGroups.Select(g => g.Id)],
            host, Servers(hints, "different_host"), Servers(hints, "same_host"));
        return new ServerOrder(row, start, min, max, body.Text("adminPass") ?? Server.NewPassword());
    }

    private async Task<(string? Zone, string? Host)> Destination(Call call, JsonElement body)
    {
        var parts = (body.Text("availability_zone") ?? "").Split(':');
        if (parts.Length > 3) throw Errors.BadZone(body.Text("availability_zone")!);
        var zone = parts[0].Length > 0 ? parts[0] : null;
        var host = parts.Skip(1).FirstOrDefault(p => p.Length > 0);
        if (host is not null) call.Authorize(ForcedHost);
        var requested = call.At("2.74") ? body.Text("host") ?? body.Text("hypervisor_hostname") : null;
        if (requested is not null)
        {
            call.Authorize(RequestedDestination);
            if (host is not null) throw Errors.HostTwice();
            host = requested;
        }
        if (zone is null && host is null) return (null, null);
        var known = await nodes.All();
        var zones = new Zones(await aggregates.All());
        if (requested is not null && known.TrueForAll(n => n.Host != requested)) throw Errors.NoSuchHost(requested);
        // The zone of a forced host is the host's own.
        if (host is not null) return (null, host);
        return known.Exists(n => zones.Of(n.Host) == zone) || zone == Zones.Default ? (zone, null) : throw Errors.NoSuchZone();
    }

    private async Task<ImageInfo> Image(Guid id, Caller caller, CancellationToken ct)
    {
        if (await images.Get([id], ct) is not [var image]) throw Errors.ImageNotFound();
        var visible = image.Visibility is "public" or "community" || image.Owner == caller.ProjectId || caller.HasRole("admin") || image.Members.Contains(caller.ProjectId);
        if (!visible) throw Errors.ImageNotFound();
        return image.Status == "active" ? image : throw Errors.ImageNotActive(id);
    }

    private static void Fit(Call call, Flavor flavor, ImageInfo image)
    {
        Sizes(flavor.MemoryMb, flavor.RootGb, image);
        if (flavor.RootGb == 0 && !call.Can(ZeroDisk)) throw Errors.ZeroDiskFlavor();
    }

    private static void Sizes(int memoryMb, int rootGb, ImageInfo image)
    {
        if (memoryMb < image.MinRam) throw Errors.FlavorMemoryTooSmall();
        if (rootGb == 0) return;
        var bytes = (long)rootGb << 30;
        if (Math.Max(image.VirtualSize ?? 0, image.VirtualSize is null ? image.Size ?? 0 : 0) is var size && size > bytes) throw Errors.FlavorDiskTooSmall(bytes, size);
        if ((long)image.MinDisk << 30 > bytes) throw Errors.FlavorDiskBelowMinimum(bytes, (long)image.MinDisk << 30);
    }

    private async Task<IReadOnlyList<GroupFacts>?> SecurityGroups(JsonElement body, Caller caller, CancellationToken ct)
    {
        if (body.Part("security_groups") is not { } list) return null;
        var names = list.EnumerateArray().Select(g => g.Text("name")).OfType<string>().Distinct().ToList();
        if (names.Count == 0) return null;
        var found = await networks.SecurityGroups(caller.ProjectId!, names, ct);
        if (names.Find(n => !found.Any(f => f.Name == n || f.Id.ToString() == n)) is { } missing) throw Errors.GroupNotFound(missing);
        return found;
    }

    private async Task<ServerGroup> Group(string id, Caller caller) =>
        await groups.Find(id) is { } group && (group.ProjectId == caller.ProjectId || caller.HasRole("admin")) ? group : throw Errors.ServerGroupNotFound(id);

    /// <summary>The image for a rebuild, fit for the server's flavor.</summary>
    public async Task<ServerRow> WithImage(ServerRow server, Guid image, Caller caller, CancellationToken ct)
    {
        var info = await Image(image, caller, ct);
        Sizes(server.Flavor.MemoryMb, server.Flavor.RootGb, info);
        return server with
        {
            ImageId = info.Id,
            Image = ImageOf(info),
            KernelId = info.Properties.GetValueOrDefault("kernel_id") ?? "",
            RamdiskId = info.Properties.GetValueOrDefault("ramdisk_id") ?? "",
        };
    }

    private static ImageUse ImageOf(ImageInfo image) => new(image.Id, image.DiskFormat, image.Hash, image.VirtualSize ?? image.Size ?? 0, image.MinDisk, image.MinRam,
        Id(image, "kernel_id"), Id(image, "ramdisk_id"), image.Properties.ToDictionary());

    private static Guid? Id(ImageInfo image, string property) => image.Properties.TryGetValue(property, out var text) && Guid.TryParse(text, out var id) ? id : null;

    private static SortedDictionary<string, string> Metadata(JsonElement body)
    {
        var metadata = new SortedDictionary<string, string>(body.Part("metadata")?.Texts() ?? [], StringComparer.Ordinal);
        return metadata.Count > ServerMetadata.Limit ? throw Errors.TooManyMetadata(ServerMetadata.Limit) : metadata;
    }

    private static string[] Tags(JsonElement body) => body.Part("tags") is { } tags ? [.. tags.EnumerateArray().Select(t => t.GetString()!).Distinct().Order(StringComparer.Ordinal)] : [];

    private static Guid[] Servers(JsonElement? hints, string name) => hints?.Part(name) switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Select(s => Guid.Parse(s.GetString()!))],
        { } one => Guid.TryParse(one.GetString(), out var id) ? [id] : [],
    };
}
