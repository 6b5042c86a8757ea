using Nephos.Contracts;
using Nephos.Identity.Shared;
using Nephos.Identity.Tokens;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;
using Nephos.Kernel.Data;

namespace Nephos.Identity.Catalog;

/// <summary>/v3/regions. Their ids are whatever the operator likes.</summary>
internal sealed class RegionsApi(IdentityDb db, CatalogTable catalog, Epoch epoch)
{
    private static readonly string[] Known = ["description", "parent_region_id", "url"];
    private static readonly Schema Region = Schema.Object(("description", Shapes.NullableDescription), ("id", Schema.Of("string")), ("parent_region_id", Schema.Of("string", "null")));
    private static readonly SchemaHistory CreateBody = Shapes.Enveloped("region", Region);
    private static readonly SchemaHistory UpdateBody = Shapes.Enveloped("region", Shapes.Change(Region));

    public void Map(RouteGroup v3)
    {
        v3.Get("/regions", List).Guard("identity:list_regions").Fails(400);
        v3.Post("/regions", call => Create(call, null)).Guard("identity:create_region").Body(() => CreateBody).Returns(201).Fails(404, 409);
        v3.Put("/regions/{region_id}", call => Create(call, call["region_id"])).Guard("identity:create_region").Body(() => CreateBody).Returns(201).Fails(404, 409);
        var one = v3.Member("/regions/{region_id}", new MemberOf<RegionRow>(c => catalog.Region(c["region_id"]), c => Errors.RegionNotFound(c["region_id"]), _ => []));
        one.Get("", (call, region) => Task.FromResult(Answer.Json(("region", RegionView.Of(region, call))))).Guard("identity:get_region");
        one.Patch("", Update).Guard("identity:update_region").Body(() => UpdateBody);
        one.Delete("", Delete).Guard("identity:delete_region");
    }

    private async Task<Answer> List(Call call)
    {
        var page = await catalog.Regions(new Listing(call, "identity_regions").Texts("parent_region_id").Sql);
        return Listing.Answer(call, "regions", [.. page.Items.Select(r => RegionView.Of(r, call))], page.HasMore ? page.Items[^1].Id : null);
    }

    private async Task<Answer> Create(Call call, string? pathId)
    {
        var given = Fields.In(call.Json, "region");
        if (pathId is not null && given.Text("id") is { } other && other != pathId) throw Errors.Invalid("Conflicting region IDs specified: \"" + pathId + "\" != \"" + other + "\"");
        var id = pathId ?? (given.Text("id") is { Length: > 0 } own ? own : NewId.Hex());
        if (id.Length > 255) throw Errors.TooLong(id, "id", 255);
        await CheckParent(id, given.Text("parent_region_id"));
        var region = new RegionRow(id, given.Text("description") ?? "", given.Text("parent_region_id"), given.Extra(Known), db.Now);
        try { await epoch.Change(Happened.Created("region", region.Id), () => catalog.Insert(region)); }
        catch (DuplicateKey) { throw Errors.IdTaken("region", id); }
        return Answer.Json(("region", RegionView.Of(region, call)));
    }

    private async Task<Answer> Update(Call call, RegionRow region)
    {
        var given = Fields.In(call.Json, "region");
        if (given.Text("id") is { } id && id != region.Id) throw Errors.IdMismatch();
        if (given.Has("parent_region_id")) await CheckParent(region.Id, given.Text("parent_region_id"));
        var changed = region with { Description = given.Text("description", region.Description) ?? "", ParentRegionId = given.Text("parent_region_id", region.ParentRegionId), Extra = given.Extra(Known, region.Extra) };
        await epoch.Change(Happened.Updated("region", region.Id), () => catalog.Update(changed));
        return Answer.Json(("region", RegionView.Of(changed, call)));
    }

    private async Task<Answer> Delete(Call call, RegionRow region)
    {
        if (await catalog.RegionIsUsed(region.Id)) throw Errors.RegionInUse(region.Id);
        await epoch.Change(Happened.Deleted("region", region.Id), async () => await catalog.DeleteRegions(await catalog.RegionsBelow(region.Id)));
        return Answer.Empty;
    }

    private async Task CheckParent(string id, string? parent)
    {
        if (parent is null) return;
        if (await catalog.Region(parent) is null) throw Errors.RegionNotFound(parent);
        if ((await catalog.RegionsBelow(id)).Contains(parent)) throw Errors.CircularRegion(parent);
    }
}
