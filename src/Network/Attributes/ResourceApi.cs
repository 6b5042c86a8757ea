using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Data;
using Nephos.Kernel.Limits;
using Nephos.Kernel.Policy;
using Nephos.Network.Nodes;
using Nephos.Network.Tags;

namespace Nephos.Network.Attributes;

/// <summary>The operations that every kind of resource has, in upstream's order of checks: body, ownership, quota, rules.</summary>
internal sealed class ResourceApi<T>(Resource<T> resource, NetworkDb db, Changes changes, Quotas<NetworkDb> quotas, TagTable tags) where T : class, IResourceRow
{
    private readonly IReadOnlyList<Attribute<T>> attributes = resource.Attributes;
    private readonly Dictionary<string, string> readRules = resource.Attributes.Select(a => a.Name).Where(a => Policies.Has($"get_{resource.Name}:{a}")).ToDictionary(a => a, a => $"get_{resource.Name}:{a}");

    public void Map(RouteGroup v2)
    {
        var path = "/" + resource.Path;
        Guard(v2.Get(path, List), "get").Fails(400, 404);
        Guard(v2.Get(path + "/{id}", Show), "get").Fails(404);
        if (resource.Creates) Guard(v2.Post(path, Create), "create").Returns(201).Fails(400, 404, 409, 503);
        if (resource.Updates) Guard(v2.Put(path + "/{id}", Update), "update").Fails(400, 404, 409, 412);
        if (resource.Deletes) Guard(v2.Delete(path + "/{id}", Delete), "delete").Fails(400, 404, 409, 412);
        if (resource.Tagged) new TagsApi<T>(resource, this, db, tags).Map(v2);
    }

    /// <summary>One that the caller may see, for routes of its own kind; else 404.</summary>
    public async Task<(T Row, Viewer Viewer)> Load(Call call, string? id = null)
    {
        var viewer = ViewerOf(call);
        await resource.BeforeRead(viewer);
        var row = await resource.Find(id ?? call["id"], viewer);
        return row is not null && Rules.Allows(call, "get_" + resource.Name, Rules.Target(resource, row))
            ? (row, viewer) : throw resource.Missing(id ?? call["id"]);
    }

    /// <summary>Refuses unless the rule allows it.</summary>
    public void Authorize(Call call, string rule, T row, Values? values = null)
    {
        var target = Rules.Target(resource, row);
        if (values is not null) Rules.Overlay(target, values);
        Rules.Authorize(call, rule, resource, values ?? [], target);
    }

    public static Viewer ViewerOf(Call call) => new(call.Caller.ProjectId ?? "", Rules.Allows(call, "context_is_admin", PolicyTarget.None));

    /// <summary>A resource as the caller may see it.</summary>
    public ResourceView View(Call call, T row) => Views(call, [row])[0];

    /// <summary>Reads one again and shows it.</summary>
    public async Task<Answer> Shown(Call call, Guid id, Viewer viewer)
    {
        var row = (await resource.Get([id], viewer)).FirstOrDefault() ?? throw resource.Missing(id.ToString());
        return Answer.Json((resource.Name, View(call, row)));
    }

    private async Task<Answer> List(Call call)
    {
        var viewer = ViewerOf(call);
        await resource.BeforeRead(viewer);
        var page = await db.Page<T>(ListQuery.Of(call.Query, resource, viewer));
        await resource.Fill(page.Items, viewer);
        var seen = viewer.IsAdmin ? page.Items : [.. page.Items.Where(row => Rules.Allows(call, "get_" + resource.Name, Rules.Target(resource, row)))];
        return Answer.Json((resource.Collection, Views(call, seen, ListQuery.Fields(call.Query))), (resource.Collection + "_links", ListQuery.Links(call, [.. page.Items.Select(r => r.Id)])));
    }

    private async Task<Answer> Show(Call call)
    {
        var (row, _) = await Load(call);
        return Answer.Json((resource.Name, Views(call, [row], ListQuery.Fields(call.Query))[0]));
    }

    private async Task<Answer> Create(Call call)
    {
        var viewer = ViewerOf(call);
        var (items, bulk) = BodyReader.Items(call.Json, resource.Name, resource.Collection);
        var all = items.ConvertAll(i => BodyReader.ForCreate(i, attributes, viewer));
        var ids = await changes.Run(async change =>
        {
            await TakeQuota(all);
            foreach (var values in all)
            {
                var target = await Rules.Target(resource, values, viewer);
                Rules.Authorize(call, "create_" + resource.Name, resource, values, target);
            }
            var made = new List<Guid>();
            foreach (var values in all)
            {
                var id = await resource.Create(values, viewer, change);
                if (values.Get<IReadOnlyList<string>>("tags") is { } wanted) await tags.Replace(resource.Name, id, wanted);
                made.Add(id);
            }
            return made;
        });
        call.TargetIds = [.. ids.Select(id => id.ToString())];
        var rows = (await resource.Get(ids, viewer)).OrderBy(r => ids.IndexOf(r.Id)).ToList();
        var views = Views(call, rows);
        return bulk ? Answer.Json((resource.Collection, views)) : Answer.Json((resource.Name, views.Count > 0 ? views[0] : new { }));
    }

    private async Task<Answer> Update(Call call)
    {
        var (row, viewer) = await Load(call);
        var values = BodyReader.ForUpdate(BodyReader.One(call.Json, resource.Name), attributes);
        Authorize(call, "update_" + resource.Name, row, values);
        var expected = IfMatch(call);
        await changes.Run(async change =>
        {
            var locked = await resource.Touch(row.Id) ?? throw resource.Missing(call["id"]);
            if (expected is { } revision && revision != locked.RevisionNumber - 1) throw Errors.Revision(revision, locked.RevisionNumber - 1);
            await resource.Fill([locked], viewer);
            await resource.Update(locked, values, viewer, change);
        });
        return await Shown(call, row.Id, viewer);
    }

    private async Task<Answer> Delete(Call call)
    {
        var (row, viewer) = await Load(call);
        Authorize(call, "delete_" + resource.Name, row);
        var expected = IfMatch(call);
        await changes.Run(async change =>
        {
            var locked = await resource.Touch(row.Id) ?? throw resource.Missing(call["id"]);
            if (expected is { } revision && revision != locked.RevisionNumber - 1) throw Errors.Revision(revision, locked.RevisionNumber - 1);
            await resource.Fill([locked], viewer);
            await resource.Delete(locked, viewer, change);
            await tags.Clear(resource.Name, row.Id);
        });
        return Answer.Empty;
    }

    /// <summary>Resources as the caller may see them.</summary>
    /// <param name="call">Whose rights count.</param>
    /// <param name="rows">With their parts.</param>
    /// <param name="fields">Attributes wanted; none is all.</param>
    /// <param name="more">Attributes that only this answer has.</param>
    public IReadOnlyList<ResourceView> Views(Call call, IReadOnlyList<T> rows, IReadOnlyCollection<string>? fields = null, params IEnumerable<Attribute<T>> more)
    {
        var (always, perhaps) = (new List<Attribute<T>>(), new List<Attribute<T>>());
        foreach (var attribute in attributes)
        {
            if (attribute.Hidden || fields is { Count: > 0 } && !fields.Contains(attribute.Name)) continue;
            // Most rules are about the caller alone and are asked once for all rows.
            var may = readRules.TryGetValue(attribute.Name, out var rule) ? call.Api.Policies.Decide(rule, call.Caller) : true;
            if (may is not false) (may is true ? always : perhaps).Add(attribute);
        }
        always.AddRange(more);
        return [.. rows.Select(row => new ResourceView<T>(row, perhaps.Count == 0 ? always : [.. always, .. Allowed(call, row, perhaps)]))];
    }

    private IEnumerable<Attribute<T>> Allowed(Call call, T row, IEnumerable<Attribute<T>> guarded)
    {
        var target = Rules.Target(resource, row);
        return guarded.Where(a => Rules.Allows(call, readRules[a.Name], target));
    }

    private async Task TakeQuota(List<Values> all)
    {
        if (resource.Quota is not { } name) return;
        foreach (var group in all.GroupBy(v => v.Get<string>("project_id")!)) await quotas.TakeOrRefuse(group.Key, name, group.Count());
    }

    private Route Guard(Route route, string verb)
    {
        var rule = $"{verb}_{resource.Name}";
        route.Policy(rule, Policies.All[rule], Policies.Describe(rule));
        foreach (var name in Policies.All.Keys.Where(k => k.StartsWith(rule + ":", StringComparison.Ordinal))) route.Also(name, Policies.All[name], Policies.Describe(name));
        return route;
    }

    private static long? IfMatch(Call call)
    {
        if (call.Header("If-Match") is not { } header) return null;
        var revisions = header.Split(',').Select(t => t.Trim().Trim('"')).Where(t => t.StartsWith("revision_number=", StringComparison.Ordinal)).ToList();
        if (revisions.Count > 1) throw Errors.BadOperation("if-match", "Multiple revision_number etags are not supported.");
        if (revisions.Count == 0) return null;
        return long.TryParse(revisions[0]["revision_number=".Length..], System.Globalization.CultureInfo.InvariantCulture, out var number)
            ? number : throw Errors.BadOperation("if-match", "Revision number etag must be in the format of revision_number=<int>");
    }
}
