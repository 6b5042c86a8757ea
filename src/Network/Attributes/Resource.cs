using Nephos.Contracts;
using Nephos.Kernel.Data;
using Nephos.Kernel.Policy;
using Nephos.Network.Nodes;
using Nephos.Network.Tags;

namespace Nephos.Network.Attributes;

/// <summary>A row that every kind of resource is.</summary>
internal interface IResourceRow
{
    Guid Id { get; }
    string ProjectId { get; }
    long RevisionNumber { get; }
    /// <summary>In order; none for a kind that takes none.</summary>
    IReadOnlyList<string> Tags => [];
}

/// <summary>A row of a kind that takes tags.</summary>
internal abstract record TaggedRow
{
    public IReadOnlyList<string> Tags { get; internal set; } = [];
}

/// <summary>
/// One kind of resource: its attributes, and what creating, changing and deleting one means. All else (bodies, lists, rules, quota,
/// revision numbers, tags) is <see cref="ResourceApi{T}"/>'s, the same for all kinds.
/// </summary>
internal abstract class Resource<T>(NetworkDb db) where T : class, IResourceRow
{
    protected NetworkDb Db => db;

    /// <summary><c>network</c>: the key of a body, and part of the names of rules.</summary>
    public abstract string Name { get; }
    /// <summary><c>networks</c>: the key of a list and of a bulk request.</summary>
    public virtual string Collection => Name + "s";
    /// <summary>Its part of the path.</summary>
    public virtual string Path => Collection.Replace('_', '-');
    public abstract string Table { get; }
    /// <summary>What is selected; columns of parents that rules ask about are added here.</summary>
    public virtual string Select => "*";
    public abstract IReadOnlyList<Attribute<T>> Attributes { get; }
    /// <summary>Name of its quota, or null.</summary>
    public virtual string? Quota => Name;
    /// <summary>Methods a client may use.</summary>
    public virtual bool Creates => true;
    public virtual bool Updates => true;
    public virtual bool Deletes => true;
    public bool Tagged => typeof(T).IsSubclassOf(typeof(TaggedRow));
    /// <summary>The answer for one that is absent or invisible.</summary>
    public abstract Fault Missing(string id);
    /// <summary>Rows that someone without administrator's rights may know of.</summary>
    public virtual SqlText Visible(Viewer viewer) => $"project_id = {viewer.ProjectId}";
    /// <summary>What belongs to rows and lies in other tables.</summary>
    protected virtual IEnumerable<Part<T>> PartsOf(IReadOnlyList<T> rows, Viewer viewer) => [];
    /// <summary>Reads what belongs to rows from other tables.</summary>
    public virtual Task Fill(IReadOnlyList<T> rows, Viewer viewer) =>
        db.Fill(rows, [.. PartsOf(rows, viewer), .. Tagged ? [TagTable.Of(Name, rows)] : Array.Empty<Part<T>>()]);
    /// <summary>Attributes of parents that rules ask about (<c>network:tenant_id</c>).</summary>
    public virtual void Target(T row, PolicyTarget target) { }
    /// <summary>The same for one that is yet to be made; also where a parent that the caller may not see is refused.</summary>
    public virtual Task Target(Values values, Viewer viewer, PolicyTarget target) => Task.CompletedTask;
    /// <summary>Called before a list or a single one is read.</summary>
    public virtual Task BeforeRead(Viewer viewer) => Task.CompletedTask;

    /// <summary>Makes one, inside a transaction.</summary>
    public virtual Task<Guid> Create(Values values, Viewer viewer, Change change) => throw new NotSupportedException(Name);
    /// <summary>Changes one, inside a transaction; its row is locked and its revision counted already.</summary>
    public virtual Task Update(T row, Values values, Viewer viewer, Change change) => throw new NotSupportedException(Name);
    /// <summary>Deletes one, inside a transaction.</summary>
    public virtual Task Delete(T row, Viewer viewer, Change change) => throw new NotSupportedException(Name);

    /// <summary>One by its id as given in a path, if the viewer may know of it.</summary>
    public async Task<T?> Find(string id, Viewer viewer) => Guid.TryParse(id, out var known) ? await Find(known, viewer) : null;

    public async Task<T?> Find(Guid id, Viewer viewer)
    {
        var row = await db.One<T>(viewer.IsAdmin
            ? (SqlText)$"SELECT {Sql.Raw(Select)} FROM {Sql.Raw(Table)} WHERE id = {id}"
            : $"SELECT {Sql.Raw(Select)} FROM {Sql.Raw(Table)} WHERE id = {id} AND {Visible(viewer)}");
        if (row is not null) await Fill([row], viewer);
        return row;
    }

    /// <summary>Several by id, whoever owns them.</summary>
    public async Task<List<T>> Get(IReadOnlyCollection<Guid> ids, Viewer viewer)
    {
        var rows = await db.Query<T>($"SELECT {Sql.Raw(Select)} FROM {Sql.Raw(Table)} WHERE id IN {ids}");
        await Fill(rows, viewer);
        return rows;
    }

    /// <summary>Counts a change and locks the row until the transaction ends.</summary>
    public virtual async Task<T?> Touch(Guid id)
    {
        if (!await db.Changed($"UPDATE {Sql.Raw(Table)} SET revision_number = revision_number + 1, updated_at = {db.Now} WHERE id = {id}")) return null;
        return await db.One<T>($"SELECT {Sql.Raw(Select)} FROM {Sql.Raw(Table)} WHERE id = {id}");
    }
}

/// <summary>Attributes that most kinds have.</summary>
internal static class Common
{
    public static Attribute<T> Id<T>() where T : IResourceRow => new("id", r => r.Id) { Column = "id" };

    public static IEnumerable<Attribute<T>> Project<T>() where T : IResourceRow =>
    [
        new("tenant_id", r => r.ProjectId) { Post = true, Read = Attributes.Read.Text(), Column = "project_id" },
        new("project_id", r => r.ProjectId) { Post = true, Read = Attributes.Read.Text(), Column = "project_id" },
    ];

    public static Attribute<T> Name<T>(Func<T, string> name) =>
        new("name", name) { Post = true, Put = true, Read = Attributes.Read.Text(), Default = "", Column = "name" };

    public static Attribute<T> Description<T>(Func<T, string?> description) =>
        new("description", description) { Post = true, Put = true, Read = Attributes.Read.Text(), Default = "", Column = "description" };

    public static Attribute<T> Flag<T>(string name, Func<T, bool> show, bool value) =>
        new(name, r => show(r)) { Post = true, Put = true, Read = Attributes.Read.Bool, Default = value, Column = name, Kind = ColumnKind.Bool };

    public static IEnumerable<Attribute<T>> Standard<T>(Func<T, (DateTimeOffset Created, DateTimeOffset Updated)> times) where T : IResourceRow =>
    [
        new("created_at", r => times(r).Created) { Sorts = false },
        new("updated_at", r => times(r).Updated) { Sorts = false },
        new("revision_number", r => r.RevisionNumber) { Column = "revision_number", Kind = ColumnKind.Number },
    ];

    /// <summary>Shown; set by routes of their own, and for a port also when it is made.</summary>
    public static Attribute<T> Tags<T>() where T : TaggedRow => new("tags", r => r.Tags);

    /// <summary><c>shared</c>, read from the rbac policies about the thing.</summary>
    public static SqlText SharedFilter(string kind, string action, IReadOnlyList<string> values, Viewer viewer)
    {
        SqlText shared = $"id IN (SELECT object_id FROM network_rbac_policies WHERE object_type = {kind} AND action = {action} AND target_project IN {new[] { "*", viewer.ProjectId }})";
        return Sql.Any(values.Select(v => Attributes.Read.ParseBool(v) ?? throw Errors.InvalidInput($"'{v}' cannot be converted to boolean"))
            .Select(wanted => wanted ? shared : $"NOT {shared}"));
    }
}
