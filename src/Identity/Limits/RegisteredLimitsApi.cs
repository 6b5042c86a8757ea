using Nephos.Contracts;
using Nephos.Identity.Catalog;
using Nephos.Identity.Shared;
using Nephos.Kernel.Api;
using Nephos.Kernel.Data;

namespace Nephos.Identity.Limits;

internal sealed record RegisteredLimitView(string Id, string ServiceId, string? RegionId, string ResourceName, long DefaultLimit, string? Description, SelfLink Links);

/// <summary>/v3/registered_limits.</summary>
internal sealed class RegisteredLimitsApi(IdentityDb db, LimitTable limits, CatalogTable catalog)
{
    public void Map(RouteGroup v3)
    {
        v3.Get("/registered_limits", List).Guard("identity:list_registered_limits").Fails(400);
        v3.Post("/registered_limits", Create).Guard("identity:create_registered_limits").Body(() => LimitSchemas.CreateRegistered).Returns(201).Fails(409);
        var one = v3.Member("/registered_limits/{registered_limit_id}", new MemberOf<RegisteredLimitRow>(c => limits.Registered(c["registered_limit_id"]), c => Errors.RegisteredLimitNotFound(c["registered_limit_id"]), _ => []));
        one.Get("", (call, row) => Task.FromResult(Answer.Json(("registered_limit", View(call, row))))).Guard("identity:get_registered_limit");
        one.Patch("", Update).Guard("identity:update_registered_limit").Body(() => LimitSchemas.UpdateRegistered).Fails(409);
        one.Delete("", Delete).Guard("identity:delete_registered_limit");
    }

    private async Task<Answer> List(Call call)
    {
        var page = await limits.ListRegistered(new Listing(call, "identity_registered_limits").Texts("service_id", "region_id", "resource_name").Sql);
        return Listing.Answer(call, "registered_limits", [.. page.Items.Select(r => View(call, r))], page.HasMore ? page.Items[^1].Id : null);
    }

    private async Task<Answer> Create(Call call)
    {
        var rows = call.Json.GetProperty("registered_limits").EnumerateArray().Select(json => new Fields(json))
            .Select(f => new RegisteredLimitRow(NewId.Hex(), f.Text("service_id")!, f.Text("region_id"), f.Text("resource_name")!, f.Number("default_limit")!.Value, f.Text("description"), db.Now)).ToList();
        foreach (var row in rows) await Check(row);
        try
        {
            await db.InTransaction(async () => { foreach (var row in rows) await limits.Insert(row); });
        }
        catch (DuplicateKey) { throw Errors.DuplicateEntry("registered_limit"); }
        return Answer.Json(("registered_limits", rows.Select(r => View(call, r))));
    }

    private async Task<Answer> Update(Call call, RegisteredLimitRow row)
    {
        var given = Fields.In(call.Json, "registered_limit");
        if (await limits.IsUsed(row.Id)) throw Errors.RegisteredLimitInUse(row.Id);
        var changed = row with
        {
            ServiceId = given.Text("service_id") ?? row.ServiceId,
            RegionId = given.Text("region_id", row.RegionId),
            ResourceName = given.Text("resource_name") ?? row.ResourceName,
            DefaultLimit = given.Number("default_limit") ?? row.DefaultLimit,
            Description = given.Text("description", row.Description),
        };
        await Check(changed);
        try { await limits.Update(changed); }
        catch (DuplicateKey) { throw Errors.DuplicateEntry("registered_limit"); }
        return Answer.Json(("registered_limit", View(call, changed)));
    }

    private async Task<Answer> Delete(Call call, RegisteredLimitRow row)
    {
        if (await limits.IsUsed(row.Id)) throw Errors.RegisteredLimitInUse(row.Id);
        await limits.DeleteRegistered(row.Id);
        return Answer.Empty;
    }

    private async Task Check(RegisteredLimitRow row)
    {
        if (await catalog.Service(row.ServiceId) is null) throw Errors.Missing("service_id", "registered_limit");
        if (row.RegionId is { } region && await catalog.Region(region) is null) throw Errors.Missing("region_id", "registered_limit");
    }

    private static RegisteredLimitView View(Call call, RegisteredLimitRow row) =>
        new(row.Id, row.ServiceId, row.RegionId, row.ResourceName, row.DefaultLimit, row.Description, new($"{call.ServiceUrl}/v3/registered_limits/{row.Id}"));
}
