using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Data;
using Nephos.Network.Addresses;
using Nephos.Network.Attributes;
using Nephos.Network.Nodes;
using Nephos.Network.Sharing;

namespace Nephos.Network.SubnetPools;

/// <summary>Subnet pools.</summary>
internal sealed class SubnetPools(NetworkDb db, SubnetPoolTable table, RbacTable rbac) : Resource<SubnetPoolRow>(db)
{
    public override string Name => "subnetpool";
    public override string Table => "network_subnet_pools";
    public override Fault Missing(string id) => Errors.SubnetPoolNotFound(id);
    public override SqlText Visible(Viewer viewer) => SubnetPoolTable.Visible("subnetpool", viewer);

    public override IReadOnlyList<Attribute<SubnetPoolRow>> Attributes { get; } =
    [
        Common.Id<SubnetPoolRow>(),
        Common.Name<SubnetPoolRow>(p => p.Name) with { Default = Unset.Required },
        .. Common.Project<SubnetPoolRow>(),
        new("prefixes", p => p.Prefixes) { Post = true, Put = true, Read = Prefixes, Default = Unset.Required },
        new("default_quota", p => p.DefaultQuota) { Post = true, Put = true, Read = Read.IntOrNull(0, long.MaxValue), Column = "default_quota", Kind = ColumnKind.Number },
        new("ip_version", p => p.IpVersion) { Column = "ip_version", Kind = ColumnKind.Number },
        new("default_prefixlen", p => p.DefaultPrefixlen) { Post = true, Put = true, Read = Read.Int(0, 128), Column = "default_prefixlen", Kind = ColumnKind.Number },
        new("min_prefixlen", p => p.MinPrefixlen) { Post = true, Put = true, Read = Read.Int(0, 128), Column = "min_prefixlen", Kind = ColumnKind.Number },
        new("max_prefixlen", p => p.MaxPrefixlen) { Post = true, Put = true, Read = Read.Int(0, 128), Column = "max_prefixlen", Kind = ColumnKind.Number },
        new("is_default", p => p.IsDefault) { Post = true, Put = true, Read = Read.Bool, Default = false, Guarded = true, Column = "is_default", Kind = ColumnKind.Bool },
        new("shared", p => p.Shared) { Post = true, Read = Read.Bool, Default = false, Guarded = true, Filter = (v, viewer) => Common.SharedFilter("subnetpool", "access_as_shared", v, viewer) },
        new("address_scope_id", p => p.AddressScopeId) { Post = true, Put = true, Read = Read.UuidOrNull, Column = "address_scope_id" },
        Common.Description<SubnetPoolRow>(p => p.Description),
        .. Common.Standard<SubnetPoolRow>(p => (p.CreatedAt, p.UpdatedAt)),
        Common.Tags<SubnetPoolRow>(),
    ];

    protected override IEnumerable<Part<SubnetPoolRow>> PartsOf(IReadOnlyList<SubnetPoolRow> rows, Viewer viewer) =>
        [Part.Flag((SubnetPoolRow p) => p.Id, RbacTable.Shared("subnetpool", rows.Select(r => r.Id), viewer.ProjectId), (pool, shared) => pool.Shared = shared)];

    public override async Task<Guid> Create(Values values, Viewer viewer, Change change)
    {
        var prefixes = Joined(values.Get<string[]>("prefixes")!);
        var version = Cidr.Parse(prefixes[0]).Version;
        var (least, most) = version == 4 ? (8, 32) : (64, 128);
        var min = (int)(values.Get<long?>("min_prefixlen") ?? least);
        var max = (int)(values.Get<long?>("max_prefixlen") ?? most);
        var row = new SubnetPoolRow(NewId.Uuid(), values.Get<string>("project_id")!, values.Get<string>("name")!, values.Get<string>("description")!, version, prefixes,
            (int)(values.Get<long?>("default_prefixlen") ?? min), min, max, values.Get<long?>("default_quota"), values.Get<bool>("is_default"), values.Get<Guid?>("address_scope_id"), Db.Now, Db.Now, 1);
        CheckBounds(row);
        await CheckScope(row, viewer);
        if (row.IsDefault) await RefuseSecondDefault(row);
        await table.Insert(row);
        if (values.Get<bool>("shared")) await rbac.Add(row.ProjectId, "subnetpool", row.Id, "access_as_shared", "*");
        return row.Id;
    }

    public override async Task Update(SubnetPoolRow row, Values values, Viewer viewer, Change change)
    {
        var prefixes = row.Prefixes;
        if (values.Get<string[]>("prefixes") is { } asked)
        {
            prefixes = Joined(asked);
            if (Cidr.Parse(prefixes[0]).Version != row.IpVersion) throw Errors.MixedPrefixes();
            var now = prefixes.Select(Cidr.Parse).ToList();
            if (row.Prefixes.Select(Cidr.Parse).Any(old => !now.Exists(p => p.Contains(old)))) throw Errors.PrefixUpdate("Existing prefixes must be a subset of the new prefixes");
        }
        var changed = row with
        {
            Name = values.Or("name", row.Name),
            Description = values.Or("description", row.Description),
            Prefixes = prefixes,
            DefaultPrefixlen = (int)(values.Get<long?>("default_prefixlen") ?? row.DefaultPrefixlen),
            MinPrefixlen = (int)(values.Get<long?>("min_prefixlen") ?? row.MinPrefixlen),
            MaxPrefixlen = (int)(values.Get<long?>("max_prefixlen") ?? row.MaxPrefixlen),
            DefaultQuota = values.Or("default_quota", row.DefaultQuota),
            IsDefault = values.Or("is_default", row.IsDefault),
            AddressScopeId = values.Or("address_scope_id", row.AddressScopeId),
        };
        CheckBounds(changed);
        await CheckScope(changed, viewer);
        if (changed.IsDefault && !row.IsDefault) await RefuseSecondDefault(changed);
        await table.Update(changed);
    }

    public override async Task Delete(SubnetPoolRow row, Viewer viewer, Change change)
    {
        if (await table.IsUsed(row.Id)) throw Errors.SubnetPoolInUse();
        await rbac.Clear("subnetpool", row.Id);
        await table.Delete(row.Id);
    }

    /// <summary>Sorted, neighbours and overlaps joined: what upstream stores and shows.</summary>
    public static string[] Joined(IReadOnlyList<string> texts)
    {
        if (texts.Count == 0) throw Errors.EmptyPrefixes();
        var all = texts.Select(Cidr.Parse).OrderBy(c => c.First).ThenBy(c => c.Length).ToList();
        if (all.Exists(c => c.Version != all[0].Version)) throw Errors.MixedPrefixes();
        for (var i = 0; i + 1 < all.Count;)
        {
            var (a, b) = (all[i], all[i + 1]);
            if (a.Contains(b)) all.RemoveAt(i + 1);
            else if (a.Length == b.Length && a.Length > 0 && Cidr.Of(a.First, a.Length - 1) == Cidr.Of(b.First, b.Length - 1))
            {
                all[i] = Cidr.Of(a.First, a.Length - 1);
                all.RemoveAt(i + 1);
                if (i > 0) i--;
            }
            else i++;
        }
        return [.. all.Select(c => c.ToString())];
    }

    private static void CheckBounds(SubnetPoolRow row)
    {
        var bits = row.IpVersion == 4 ? 32 : 128;
        if (row.MaxPrefixlen > bits) throw Errors.PrefixBounds("max_prefixlen", row.MaxPrefixlen, "ip_version_max", bits);
        if (row.MinPrefixlen > row.MaxPrefixlen) throw Errors.PrefixBounds("min_prefixlen", row.MinPrefixlen, "max_prefixlen", row.MaxPrefixlen);
        if (row.DefaultPrefixlen > row.MaxPrefixlen) throw Errors.PrefixBounds("default_prefixlen", row.DefaultPrefixlen, "max_prefixlen", row.MaxPrefixlen);
        if (row.DefaultPrefixlen < row.MinPrefixlen) throw Errors.PrefixBounds("default_prefixlen", row.DefaultPrefixlen, "min_prefixlen", row.MinPrefixlen);
    }

    private async Task CheckScope(SubnetPoolRow row, Viewer viewer)
    {
        if (row.AddressScopeId is not { } id) return;
        var scope = await table.FindScope(id);
        if (scope is null || !viewer.IsAdmin && scope.ProjectId != viewer.ProjectId && !await rbac.IsShared("address_scope", id, viewer.ProjectId)) throw Errors.ScopeNotFound(id);
        if (scope.IpVersion != row.IpVersion) throw Errors.ScopeVersion(row.Id, id, scope.IpVersion);
        var own = row.Prefixes.Select(Cidr.Parse).ToList();
        foreach (var other in (await table.OfScope(id)).Where(p => p.Id != row.Id))
            if (other.Prefixes.Select(Cidr.Parse).Any(p => own.Exists(p.Overlaps))) throw Errors.ScopeConflict();
    }

    private async Task RefuseSecondDefault(SubnetPoolRow row)
    {
        if (await table.Default(row.IpVersion) is { } other && other != row.Id) throw Errors.InvalidInput("A default subnetpool for this IP family has already been set. Only one default may exist per IP family");
    }

    private static object? Prefixes(System.Text.Json.JsonElement json) => Read.List(json, item => (string)Read.Subnet(item)!).ToArray();
}

/// <summary>Address scopes.</summary>
internal sealed class AddressScopes(NetworkDb db, SubnetPoolTable table, RbacTable rbac) : Resource<AddressScopeRow>(db)
{
    public override string Name => "address_scope";
    public override string Table => "network_address_scopes";
    public override string? Quota => null;
    public override Fault Missing(string id) => Errors.ScopeNotFound(id);
    public override SqlText Visible(Viewer viewer) => SubnetPoolTable.Visible("address_scope", viewer);

    public override IReadOnlyList<Attribute<AddressScopeRow>> Attributes { get; } =
    [
        Common.Id<AddressScopeRow>(),
        Common.Name<AddressScopeRow>(s => s.Name),
        .. Common.Project<AddressScopeRow>(),
        new("shared", s => s.Shared) { Post = true, Put = true, Read = Read.Bool, Default = false, Guarded = true, Filter = (v, viewer) => Common.SharedFilter("address_scope", "access_as_shared", v, viewer) },
        new("ip_version", s => s.IpVersion) { Post = true, Read = Read.IpVersion, Default = Unset.Required, Column = "ip_version", Kind = ColumnKind.Number },
    ];

    protected override IEnumerable<Part<AddressScopeRow>> PartsOf(IReadOnlyList<AddressScopeRow> rows, Viewer viewer) =>
        [Part.Flag((AddressScopeRow s) => s.Id, RbacTable.Shared("address_scope", rows.Select(r => r.Id), viewer.ProjectId), (scope, shared) => scope.Shared = shared)];

    public override async Task<Guid> Create(Values values, Viewer viewer, Change change)
    {
        var row = new AddressScopeRow(NewId.Uuid(), values.Get<string>("project_id")!, values.Get<string>("name")!, values.Get<int>("ip_version"), Db.Now, Db.Now, 1);
        await table.InsertScope(row);
        if (values.Get<bool>("shared")) await rbac.Add(row.ProjectId, "address_scope", row.Id, "access_as_shared", "*");
        return row.Id;
    }

    public override async Task Update(AddressScopeRow row, Values values, Viewer viewer, Change change)
    {
        await table.UpdateScope(row with { Name = values.Or("name", row.Name) });
        if (!values.ContainsKey("shared")) return;
        if (values.Get<bool>("shared")) await rbac.Add(row.ProjectId, "address_scope", row.Id, "access_as_shared", "*");
        else if (row.Shared) throw new Fault(FaultKind.Invalid, "AddressScopeUpdateError", $"Unable to update address scope {row.Id} : Shared address scope can't be unshared.");
    }

    public override async Task Delete(AddressScopeRow row, Viewer viewer, Change change)
    {
        if ((await table.OfScope(row.Id)).Count > 0) throw Errors.ScopeInUse(row.Id);
        await rbac.Clear("address_scope", row.Id);
        await table.DeleteScope(row.Id);
    }
}
