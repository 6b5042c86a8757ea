using Nephos.Kernel.Data;

namespace Nephos.Compute.Flavors;

internal sealed record Flavor(string Id, string Name, int MemoryMb, int Vcpus, int RootGb, int EphemeralGb, int Swap, double RxtxFactor,
    bool IsPublic, bool Disabled, string? Description, [property: Json][Json] SortedDictionary<string, string> ExtraSpecs, DateTimeOffset CreatedAt, DateTimeOffset? UpdatedAt);

/// <summary>Where the SQL of flavors lives.</summary>
internal sealed class FlavorTable(ComputeDb db)
{
    public Task<Flavor?> Find(string id) => db.One<Flavor>($"SELECT * FROM compute_flavors WHERE id = {id}");

    /// <summary>A flavor that this project may use: public ones, and those it was given.</summary>
    public Task<Flavor?> Usable(string id, string? project, bool isAdmin) => db.One<Flavor>($"SELECT * FROM compute_flavors WHERE id = {id} AND {Visible(project, isAdmin ? null : true)}");

    public Task<Page<Flavor>> List(FlavorFilter filter)
    {
        var list = new ListSql("compute_flavors") { Limit = filter.Page.Limit, Marker = filter.Page.Marker, MarkerMissing = Errors.MarkerNotFound }
            .Scope(Visible(filter.Project, filter.IsPublic))
            .OrderBy([filter.Sort], SortKeys, Errors.BadSortKey);
        if (filter.HideDisabled) list.Where($"disabled = {false}");
        if (filter.MinRam is { } ram) list.Where($"memory_mb >= {ram}");
        if (filter.MinDisk is { } disk) list.Where($"root_gb >= {disk}");
        return db.Page<Flavor>(list);
    }

    public Task Insert(Flavor flavor) => db.Execute($"""
            INSERT INTO compute_flavors (id, name, memory_mb, vcpus, root_gb, ephemeral_gb, swap, rxtx_factor, is_public, disabled, description, extra_specs, created_at)
            VALUES ({flavor.Id}, {flavor.Name}, {flavor.MemoryMb}, {flavor.Vcpus}, {flavor.RootGb}, {flavor.EphemeralGb}, {flavor.Swap}, {flavor.RxtxFactor},
                {flavor.IsPublic}, {flavor.Disabled}, {flavor.Description}, {Sql.Json(flavor.ExtraSpecs)}, {db.Now})
            """);

    public Task Describe(string id, string? description) => db.Execute($"UPDATE compute_flavors SET description = {description}, updated_at = {db.Now} WHERE id = {id}");

    public Task Delete(string id) => db.InTransaction(async () =>
    {
        await db.Execute($"DELETE FROM compute_flavor_access WHERE flavor_id = {id}");
        await db.Execute($"DELETE FROM compute_flavors WHERE id = {id}");
    });

    /// <summary>Changes the extra specs of a flavor as they are now; false if the change says so.</summary>
    public Task<bool> ChangeSpecs(string id, Func<SortedDictionary<string, string>, bool> change) => db.InTransaction(async () =>
    {
        var flavor = await Find(id) ?? throw Errors.FlavorNotFound(id);
        if (!change(flavor.ExtraSpecs)) return false;
        await db.Execute($"UPDATE compute_flavors SET extra_specs = {Sql.Json(flavor.ExtraSpecs)}, updated_at = {db.Now} WHERE id = {id}");
        return true;
    });

    public Task<List<string>> Access(string id) => db.Query<string>($"SELECT project_id FROM compute_flavor_access WHERE flavor_id = {id} ORDER BY project_id");
    public Task AddAccess(string id, string project) => db.Execute($"INSERT INTO compute_flavor_access (flavor_id, project_id) VALUES ({id}, {project})");
    public Task<bool> RemoveAccess(string id, string project) => db.Changed($"DELETE FROM compute_flavor_access WHERE flavor_id = {id} AND project_id = {project}");

    private static SqlText Visible(string? project, bool? isPublic) => isPublic switch
    {
        null => $"1 = 1",
        false => $"is_public = {false}",
        true => $"(is_public = {true} OR EXISTS (SELECT 1 FROM compute_flavor_access a WHERE a.flavor_id = compute_flavors.id AND a.project_id = {project}))",
    };

    private static readonly Dictionary<string, string> SortKeys = new()
    {
        ["flavorid"] = "id", ["name"] = "name", ["memory_mb"] = "memory_mb", ["vcpus"] = "vcpus", ["root_gb"] = "root_gb",
        ["ephemeral_gb"] = "ephemeral_gb", ["swap"] = "swap", ["rxtx_factor"] = "rxtx_factor", ["is_public"] = "is_public", ["disabled"] = "disabled",
        ["created_at"] = "created_at", ["updated_at"] = "updated_at", ["description"] = "description", ["id"] = "created_at",
    };
}

/// <summary>What a list of flavors is narrowed to. <see cref="IsPublic"/> null is both.</summary>
internal sealed record FlavorFilter(Paging Page, bool? IsPublic, string? Project, bool HideDisabled, int? MinRam, int? MinDisk, SortKey Sort);
