using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Data;
using Nephos.Kernel.Policy;
using Nephos.Placement.Candidates;
using Nephos.Placement.Classes;
using Nephos.Placement.Traits;

namespace Nephos.Placement.Providers;

/// <summary><c>/resource_providers</c>.</summary>
internal sealed class ProvidersApi(PlacementDb db, ProviderTable providers, ClassTable classes, TraitTable traits)
{
    private sealed record NewProvider(string Name, Guid? Uuid, Guid? ParentProviderUuid);

    public void Map(RouteGroup g)
    {
        g.Get("/resource_providers", List).Policy("placement:resource_providers:list", Rules.Operator, "List resource providers").Fails(400);
        g.Post("/resource_providers", Create).Policy("placement:resource_providers:create", Rules.Operator, "Create a resource provider")
            .Body(() => ProviderSchemas.Create).Returns(201).Fails(409, 415);
        var one = g.Member("/resource_providers/{uuid}", One(providers));
        one.Get("", (call, row) => Task.FromResult(Answer.JsonValue(ProviderView.Of(row, call)).Changed(call, row.UpdatedAt)))
            .Policy("placement:resource_providers:show", Rules.Operator, "Show a resource provider");
        one.Put("", Update).Policy("placement:resource_providers:update", Rules.Operator, "Update a resource provider").Body(() => ProviderSchemas.Update).Fails(409, 415);
        g.Member("/resource_providers/{uuid}", One(providers) with { Missing = c => Errors.NoProviderToDelete(c["uuid"]) })
            .Delete("", Delete).Policy("placement:resource_providers:delete", Rules.Operator, "Delete a resource provider").Fails(409);
    }

    /// <summary>Loads the provider of a path.</summary>
    public static MemberOf<ProviderRow> One(ProviderTable providers) =>
        new(call => providers.Find(call["uuid"]), call => Errors.NoProvider(call["uuid"]), _ => PolicyTarget.None);

    private async Task<Answer> List(Call call)
    {
        call.CheckQuery(ProviderSchemas.List);
        var rows = await providers.List(await Conditions(call));
        return Answer.Json(("resource_providers", rows.Select(r => ProviderView.Of(r, call)))).Changed(call, rows.Count == 0 ? db.Now : rows.Max(r => r.UpdatedAt));
    }

    private async Task<List<SqlText>> Conditions(Call call)
    {
        var conditions = new List<SqlText>();
        var query = call.Query;
        if (query["name"] is { } name) conditions.Add($"name = {name}");
        if (query["uuid"] is { } uuid) conditions.Add($"id = {Guid.Parse(uuid)}");
        if (query["in_tree"] is { } tree) conditions.Add($"root_id = (SELECT x.root_id FROM placement_providers x WHERE x.id = {Guid.Parse(tree)})");
        var (memberOf, notMemberOf) = QueryParts.Aggregates(call, "member_of");
        foreach (var any in memberOf) conditions.Add($"EXISTS (SELECT 1 FROM placement_provider_aggregates a WHERE a.provider_id = placement_providers.id AND a.aggregate IN {any})");
        if (notMemberOf.Count > 0) conditions.Add($"NOT EXISTS (SELECT 1 FROM placement_provider_aggregates a WHERE a.provider_id = placement_providers.id AND a.aggregate IN {notMemberOf})");
        var (required, forbidden) = QueryParts.Traits(call, "required");
        if (await traits.Unknown(required.SelectMany(r => r).Concat(forbidden)) is { Count: > 0 } unknown)
            throw Errors.Invalid($"Invalid trait(s) in \"required\" parameter: No such trait(s): {string.Join(", ", unknown)}.");
        foreach (var any in required) conditions.Add($"EXISTS (SELECT 1 FROM placement_provider_traits t WHERE t.provider_id = placement_providers.id AND t.trait IN {any})");
        if (forbidden.Count > 0) conditions.Add($"NOT EXISTS (SELECT 1 FROM placement_provider_traits t WHERE t.provider_id = placement_providers.id AND t.trait IN {forbidden})");
        if (query["resources"] is not { } text) return conditions;
        var resources = QueryParts.Resources(text);
        if (await classes.Unknown(resources.Keys) is { } wrong) throw Errors.Invalid($"Invalid resource class in resources parameter: No such resource class {wrong}.");
        foreach (var (resource, amount) in resources)
            conditions.Add($"EXISTS (SELECT 1 FROM placement_inventories i WHERE i.provider_id = placement_providers.id AND {FlatSearchTable.Fits(resource, amount)})");
        return conditions;
    }

    private async Task<Answer> Create(Call call)
    {
        var body = call.Body<NewProvider>();
        var id = body.Uuid ?? NewId.Uuid();
        ProviderRow row;
        try
        {
            row = await db.InTransaction(async () =>
            {
                if (body.ParentProviderUuid is not { } parent) return await providers.Insert(id, body.Name, null, id);
                if (parent == id) throw Errors.CannotMake(body.Name, id, "parent provider UUID cannot be same as UUID. Please set parent provider UUID to None if there is no parent.");
                var above = await providers.Find(parent) ?? throw Errors.CannotMake(body.Name, id, "parent provider UUID does not exist.");
                return await providers.Insert(id, body.Name, parent, above.RootId);
            });
        }
        catch (DuplicateKey e) { throw Errors.ProviderTaken(e.On("name") ? $"name: {body.Name}" : $"uuid: {id}"); }
        var answer = call.At("1.20") ? Answer.JsonValue(ProviderView.Of(row, call)).As(200).Changed(call, row.UpdatedAt) : Answer.Empty;
        return answer.With("Location", $"{call.ServiceUrl}/resource_providers/{id}");
    }

    private async Task<Answer> Update(Call call, ProviderRow row)
    {
        var body = call.Body<NewProvider>();
        try
        {
            await db.InTransaction(async () =>
            {
                if (call.Json.TryGetProperty("parent_provider_uuid", out _)) await Move(call, row, body.ParentProviderUuid);
                await providers.Rename(row.Id, body.Name);
            });
        }
        catch (DuplicateKey) { throw Errors.ProviderTaken(body.Name); }
        var after = await providers.Find(row.Id) ?? throw Errors.NoProvider(call["uuid"]);
        return Answer.JsonValue(ProviderView.Of(after, call)).Changed(call, after.UpdatedAt);
    }

    private async Task Move(Call call, ProviderRow row, Guid? parent)
    {
        if (parent == row.ParentId) return;
        if (parent is null && !call.At("1.37")) throw Errors.CannotSave(row.Id, "un-parenting a provider is not currently allowed.");
        var above = parent is { } id ? await providers.Find(id) ?? throw Errors.CannotSave(row.Id, "parent provider UUID does not exist.") : null;
        if (row.ParentId is not null && above is not null && !call.At("1.37")) throw Errors.CannotSave(row.Id, "re-parenting a provider is not currently allowed.");
        var below = Below(row.Id, await providers.Tree(row.RootId));
        if (parent is { } p && below.Contains(p)) throw Errors.CannotSave(row.Id, "creating loop in the provider tree is not allowed.");
        await providers.Move(row.Id, parent, above?.RootId ?? row.Id, below);
    }

    private static List<Guid> Below(Guid top, IReadOnlyList<(Guid Id, Guid? Parent)> tree)
    {
        var found = new List<Guid> { top };
        for (var i = 0; i < found.Count; i++) found.AddRange(tree.Where(t => t.Parent == found[i]).Select(t => t.Id));
        return found;
    }

    private async Task<Answer> Delete(Call call, ProviderRow row)
    {
        try
        {
            await db.InTransaction(async () =>
            {
                if (await providers.HasChildren(row.Id)) throw Errors.ProviderHasChildren(call["uuid"]);
                if (await providers.HasAllocations(row.Id)) throw Errors.ProviderBusy(call["uuid"]);
                if (!await providers.Delete(row.Id)) throw Errors.NoProviderToDelete(call["uuid"]);
            });
        }
        // A child or an allocation came in between.
        catch (BrokenReference) { throw Errors.ProviderBusy(call["uuid"]); }
        return Answer.Empty;
    }
}
