using System.Text.Json;
using Nephos.Contracts.Link;
using Nephos.Kernel.Data;

namespace Nephos.Compute.Servers;

/// <summary>Where the SQL of servers lives.</summary>
internal sealed class ServerTable(ComputeDb db)
{
    public Task<ServerRow?> Find(string id) => db.One<ServerRow>($"SELECT * FROM compute_servers WHERE id = {id} AND deleted_at IS NULL");
    public Task<ServerRow?> Find(Guid id) => Find(id.ToString());
    public Task<ServerRow?> FindDeletedToo(string id) => db.One<ServerRow>($"SELECT * FROM compute_servers WHERE id = {id}");
    public Task<Page<ServerRow>> List(ListSql list) => db.Page<ServerRow>(list);
    public Task<List<ServerRow>> Of(IReadOnlyList<Guid> ids) => db.Query<ServerRow>($"SELECT * FROM compute_servers WHERE id IN {ids} AND deleted_at IS NULL");
    public Task<List<ServerRow>> OnNode(Guid node) => db.Query<ServerRow>($"SELECT * FROM compute_servers WHERE node_id = {node} AND deleted_at IS NULL ORDER BY number");
    public Task<List<(Guid Server, Guid Node)>> Hosts(IReadOnlyList<Guid> servers) =>
        db.Query<(Guid, Guid)>($"SELECT id, node_id FROM compute_servers WHERE id IN {servers} AND node_id IS NOT NULL AND deleted_at IS NULL");
    public Task<List<(Guid Server, Guid Node)>> GroupHosts(Guid group, Guid except) =>
        db.Query<(Guid, Guid)>($"SELECT id, node_id FROM compute_servers WHERE group_id = {group} AND id <> {except} AND node_id IS NOT NULL AND deleted_at IS NULL");
    public Task<List<(Guid Node, long Count)>> CountByNode() =>
        db.Query<(Guid, long)>($"SELECT node_id, COUNT(*) FROM compute_servers WHERE node_id IS NOT NULL AND deleted_at IS NULL GROUP BY node_id");

    public Task Insert(ServerRow s) => db.Execute($"""
        INSERT INTO compute_servers (id, number, name, description, hostname, project_id, user_id, vm_state, task_state, power_state, power_number, power_verb,
            flavor_id, flavor, vcpus, memory_mb, image_id, image, kernel_id, ramdisk_id, key_name, key_data, key_type, user_data, injected_files, config_drive, requested_zone,
            reservation_id, launch_index, root_device_name, access_ip_v4, access_ip_v6, auto_disk_config, metadata, tags, nic_tags, networks, addresses,
            security_groups, group_id, password, created_at, updated_at)
        VALUES ({s.Id}, {s.Number}, {s.Name}, {s.Description}, {s.Hostname}, {s.ProjectId}, {s.UserId}, {s.VmState}, {s.TaskState}, {0}, {0}, {s.PowerVerb},
            {s.FlavorId}, {Sql.Json(s.Flavor)}, {s.Flavor.Vcpus}, {s.Flavor.MemoryMb}, {s.ImageId}, {Sql.Json(s.Image)}, {s.KernelId}, {s.RamdiskId}, {s.KeyName}, {s.KeyData},
            {s.KeyType}, {s.UserData}, {Sql.Json(s.InjectedFiles)}, {s.ConfigDrive}, {s.RequestedZone}, {s.ReservationId}, {s.LaunchIndex}, {s.RootDeviceName}, {s.AccessIpV4}, {s.AccessIpV6},
            {s.AutoDiskConfig}, {Sql.Json(s.Metadata)}, {Sql.Json(s.Tags)}, {Sql.Json(s.NicTags)}, {"[]"}, {""}, {Sql.Json(s.SecurityGroups)}, {s.GroupId}, {""}, {s.CreatedAt}, {s.UpdatedAt})
        """);

    /// <summary>Takes a server that nobody works on for a task; false if somebody was first or it changed since it was read.</summary>
    public Task<bool> Begin(ServerRow server, string task) => db.Changed($"""
        UPDATE compute_servers SET task_state = {task}, updated_at = {db.Now}
        WHERE id = {server.Id} AND deleted_at IS NULL AND vm_state = {server.VmState} AND task_state IS NOT DISTINCT FROM {server.TaskState}
        """);

    /// <summary>Sets what is being done to a server; false if it is gone.</summary>
    public Task<bool> Task(Guid id, string? task) =>
        db.Changed($"UPDATE compute_servers SET task_state = {task}, updated_at = {db.Now} WHERE id = {id} AND deleted_at IS NULL");

    public Task Place(Guid id, NodePlace place) => db.Execute($"""
        UPDATE compute_servers SET task_state = {TaskState.Networking}, host = {place.Host}, node = {place.Host}, node_id = {place.Node}, availability_zone = {place.Zone},
            launched_on = {place.Host}, updated_at = {db.Now} WHERE id = {id}
        """);

    /// <summary>It has no host any more: its build failed and nothing is left.</summary>
    public Task Unplaced(Guid id) => db.Execute($"""
        UPDATE compute_servers SET host = NULL, node = NULL, node_id = NULL, availability_zone = NULL, power_number = 0, updated_at = {db.Now} WHERE id = {id}
        """);

    /// <summary>Writes down the order that was given with the guest itself.</summary>
    public Task Ordered(Guid id, long number, PowerVerb verb) => db.Execute($"UPDATE compute_servers SET power_number = {number}, power_verb = {verb} WHERE id = {id}");

    /// <summary>Gives the next order about power; its number.</summary>
    public async Task<long> Order(Guid id, PowerVerb verb) => await db.Scalar<long>(
        $"UPDATE compute_servers SET power_number = power_number + 1, power_verb = {verb}, updated_at = {db.Now} WHERE id = {id} RETURNING power_number");

    public Task Settle(Guid id, string vmState, int powerState) => db.Execute($"""
        UPDATE compute_servers SET vm_state = {vmState}, task_state = NULL, power_state = {powerState}, updated_at = {db.Now} WHERE id = {id}
        """);

    public Task Launched(Guid id) => db.Execute($"""
        UPDATE compute_servers SET vm_state = {VmState.Active}, task_state = NULL, power_state = 1, launched_at = COALESCE(launched_at, {db.Now}), fault = NULL, updated_at = {db.Now} WHERE id = {id}
        """);

    public Task Fail(Guid id, string? vmState, ServerFault fault) => db.Execute($"""
        UPDATE compute_servers SET vm_state = COALESCE({vmState}, vm_state), task_state = NULL, fault = {Sql.Json(fault)}, updated_at = {db.Now} WHERE id = {id} AND deleted_at IS NULL
        """);

    public Task Deleted(Guid id) => db.Execute($"""
        UPDATE compute_servers SET vm_state = {VmState.Deleted}, task_state = NULL, power_state = 0, password = '', injected_files = '[]', terminated_at = {db.Now}, deleted_at = {db.Now}, updated_at = {db.Now}
        WHERE id = {id} AND deleted_at IS NULL
        """);

    /// <summary>How many servers of each node ran at some time within a period.</summary>
    public async Task<Dictionary<Guid, long>> CountRunning(DateTimeOffset from, DateTimeOffset to) => (await db.Query<(Guid Node, long Count)>($"""
        SELECT node_id, COUNT(*) FROM compute_servers WHERE node_id IS NOT NULL AND launched_at < {to} AND (terminated_at IS NULL OR terminated_at > {from}) GROUP BY node_id
        """)).ToDictionary(c => c.Node, c => c.Count);

    public Task SetNetworks(Guid id, IReadOnlyList<NicView> nics) => db.Execute($"""
        UPDATE compute_servers SET networks = {Sql.Json(nics)}, addresses = {string.Join('\n', nics.SelectMany(n => n.Addresses).Select(a => a.Address))}, updated_at = {db.Now}
        WHERE id = {id} AND networks <> {Sql.Json(nics)}
        """);

    public Task SetNicTags(Guid id, Dictionary<Guid, string> tags) => db.Execute($"UPDATE compute_servers SET nic_tags = {Sql.Json(tags)} WHERE id = {id}");

    /// <summary>What a node saw, if nobody works on the server and it is still there; true if that changed the row.</summary>
    public Task<bool> Saw(Guid id, Guid node, string from, string to, int power) => db.Changed($"""
        UPDATE compute_servers SET vm_state = {to}, power_state = {power}, updated_at = {db.Now}
        WHERE id = {id} AND node_id = {node} AND task_state IS NULL AND vm_state = {from} AND deleted_at IS NULL AND (vm_state <> {to} OR power_state <> {power})
        """);

    public Task Update(Guid id, string name, string? description, string hostname, string? ip4, string? ip6, bool autoDisk) => db.Execute($"""
        UPDATE compute_servers SET name = {name}, description = {description}, hostname = {hostname}, access_ip_v4 = {ip4}, access_ip_v6 = {ip6}, auto_disk_config = {autoDisk}, updated_at = {db.Now}
        WHERE id = {id}
        """);

    /// <summary>Gives a server another image and whatever else a rebuild may change, and the order to start with it.</summary>
    public Task Rebuild(ServerRow s, long order) => db.Execute($"""
        UPDATE compute_servers SET image_id = {s.ImageId}, image = {Sql.Json(s.Image)}, kernel_id = {s.KernelId}, ramdisk_id = {s.RamdiskId}, name = {s.Name}, description = {s.Description},
            hostname = {s.Hostname}, metadata = {Sql.Json(s.Metadata)}, key_name = {s.KeyName}, key_data = {s.KeyData}, key_type = {s.KeyType}, user_data = {s.UserData},
            injected_files = {Sql.Json(s.InjectedFiles)}, access_ip_v4 = {s.AccessIpV4}, access_ip_v6 = {s.AccessIpV6}, auto_disk_config = {s.AutoDiskConfig}, password = '', machine = NULL, power_number = {order}, power_verb = {PowerVerb.Start},
            updated_at = {db.Now} WHERE id = {s.Id}
        """);

    public Task Lock(Guid id, string? by, string? reason) => db.Execute($"UPDATE compute_servers SET locked_by = {by}, locked_reason = {reason}, updated_at = {db.Now} WHERE id = {id}");
    public Task SetPassword(Guid id, string password) => db.Execute($"UPDATE compute_servers SET password = {password}, updated_at = {db.Now} WHERE id = {id}");
    public Task SetMachine(Guid id, string machine) => db.Execute($"UPDATE compute_servers SET machine = {machine} WHERE id = {id}");

    /// <summary>Changes metadata as it is now.</summary>
    public Task<SortedDictionary<string, string>> ChangeMetadata(Guid id, Func<SortedDictionary<string, string>, SortedDictionary<string, string>> change) => db.InTransaction(async () =>
    {
        var server = await Find(id) ?? throw Errors.ServerNotFound(id.ToString());
        var metadata = change(server.Metadata);
        await db.Execute($"UPDATE compute_servers SET metadata = {Sql.Json(metadata)}, updated_at = {db.Now} WHERE id = {id}");
        return metadata;
    });

    /// <summary>Changes tags as they are now.</summary>
    public Task<string[]> ChangeTags(Guid id, Func<string[], string[]> change) => db.InTransaction(async () =>
    {
        var server = await Find(id) ?? throw Errors.ServerNotFound(id.ToString());
        var tags = change(server.Tags);
        await db.Execute($"UPDATE compute_servers SET tags = {Sql.Json(tags)}, updated_at = {db.Now} WHERE id = {id}");
        return tags;
    });

    /// <summary>A condition: the list of tags in the row holds this one.</summary>
    public static SqlText HasTag(string tag)
    {
        var text = JsonSerializer.Serialize(tag, StoredJson.Options).Replace("!", "!!", StringComparison.Ordinal).Replace("%", "!%", StringComparison.Ordinal).Replace("_", "!_", StringComparison.Ordinal);
        return $"tags LIKE {"%" + text + "%"} ESCAPE '!'";
    }
}

/// <summary>Where a server was put.</summary>
internal sealed record NodePlace(Guid Node, string Host, string Zone);
