using System.Globalization;
using System.Text.Json;
using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Data;
using Nephos.Kernel.Policy;

namespace Nephos.Compute.Flavors;

internal sealed class FlavorsApi(FlavorTable flavors)
{
    private const string SeeSpecs = "os_compute_api:os-flavor-extra-specs:index";

    public void Map(RouteGroup g)
    {
        g.Get("/flavors", List).Policy("os_compute_api:flavors", Rule.Anyone, "List and show flavors").Query(() => FlavorSchemas.List).Fails(400);
        g.Get("/flavors/detail", Detail).Policy("os_compute_api:flavors", Rule.Anyone, "List and show flavors").Query(() => FlavorSchemas.List).Fails(400)
            .Also(SeeSpecs, Rule.ProjectReaderOrAdmin, "List extra specs of a flavor");
        g.Post("/flavors", Create).Policy("os_compute_api:os-flavor-manage:create", Rule.Admin, "Create a flavor").Body(() => FlavorSchemas.Create).Fails(409)
            .Also(SeeSpecs, Rule.ProjectReaderOrAdmin, "List extra specs of a flavor");

        var one = g.Member("/flavors/{flavor_id}", Member(flavors));
        one.Get("", Show).Policy("os_compute_api:flavors", Rule.Anyone, "List and show flavors")
            .Also(SeeSpecs, Rule.ProjectReaderOrAdmin, "List extra specs of a flavor");
        var any = g.Member("/flavors/{flavor_id}", Unseen(flavors));
        any.Put("", Update).Since("2.55").Policy("os_compute_api:os-flavor-manage:update", Rule.Admin, "Update a flavor").Body(() => FlavorSchemas.Update)
            .Also(SeeSpecs, Rule.ProjectReaderOrAdmin, "List extra specs of a flavor");
        any.Delete("", Delete).Returns(202).Policy("os_compute_api:os-flavor-manage:delete", Rule.Admin, "Delete a flavor");
    }

    /// <summary>The flavor named in a path. Those a project was not given are absent for it.</summary>
    public static MemberOf<Flavor> Member(FlavorTable flavors) => new(
        call => flavors.Usable(call["flavor_id"], call.Caller.ProjectId, call.Caller.HasRole("admin")),
        call => Errors.FlavorNotFound(call["flavor_id"]), _ => PolicyTarget.None);

    /// <summary>The same for what administrators do: the rule decides before it matters who may see the flavor.</summary>
    public static MemberOf<Flavor> Unseen(FlavorTable flavors) => new(call => flavors.Find(call["flavor_id"]), call => Errors.FlavorNotFound(call["flavor_id"]), _ => PolicyTarget.None);

    private async Task<Answer> List(Call call)
    {
        var (page, links) = await Read(call, "flavors");
        return Answer.Json(("flavors", page.Items.Select(f => FlavorEntry.Of(f, call))), ("flavors_links", links));
    }

    private async Task<Answer> Detail(Call call)
    {
        var (page, links) = await Read(call, "flavors/detail");
        var specs = call.Can(SeeSpecs);
        return Answer.Json(("flavors", page.Items.Select(f => FlavorView.Of(f, call, specs))), ("flavors_links", links));
    }

    private async Task<(Page<Flavor>, Link[]?)> Read(Call call, string path)
    {
        var paging = Paging.Of(call);
        var isAdmin = call.Caller.HasRole("admin");
        var isPublic = isAdmin ? ParsePublic(call.Query["is_public"]) : true;
        var page = await flavors.List(new FlavorFilter(paging, isPublic, call.Caller.ProjectId, !isAdmin,
            Number(call, "minRam"), Number(call, "minDisk"),
            new Kernel.Data.SortKey(call.Query["sort_key"] ?? "flavorid", call.Query["sort_dir"] == "desc")));
        return (page, Link.Next(call, path, paging.Limit, page.Items.Count, () => page.Items[^1].Id));
    }

    private static bool? ParsePublic(string? text) => text?.ToLowerInvariant() switch
    {
        null => true,
        "none" => null,
        "1" or "t" or "true" or "on" or "y" or "yes" => true,
        "0" or "f" or "false" or "off" or "n" or "no" => false,
        _ => throw Errors.BadPublicFilter(text!),
    };

    private static int? Number(Call call, string name) => call.Query[name] is not { } text ? null
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw Errors.BadNumberFilter(name, text);

    private static Task<Answer> Show(Call call, Flavor flavor) =>
        Task.FromResult(Answer.Json(("flavor", FlavorView.Of(flavor, call, call.Can(SeeSpecs)))));

    private async Task<Answer> Create(Call call)
    {
        var body = call.Json.GetProperty("flavor");
        var id = body.TryGetProperty("id", out var given) ? given.ValueKind == JsonValueKind.Null ? "auto" : given.ToString() : "auto";
        var flavor = new Flavor(
            id == "auto" ? NewId.Uuid().ToString() : id,
            body.GetProperty("name").GetString()!,
            body.Whole("ram"), body.Whole("vcpus"), body.Whole("disk"), body.Whole("OS-FLV-EXT-DATA:ephemeral"), body.Whole("swap"),
            body.TryGetProperty("rxtx_factor", out var factor) ? double.Parse(factor.ToString(), CultureInfo.InvariantCulture) : 1.0,
            body.Flag("os-flavor-access:is_public", true), false, body.Text("description"), [], default, null);
        try { await flavors.Insert(flavor); }
        catch (DuplicateKey e) { throw e.On("name") ? Errors.FlavorNameTaken(flavor.Name) : Errors.FlavorIdTaken(flavor.Id); }
        return Answer.Json(("flavor", FlavorView.Of(flavor, call, call.Can(SeeSpecs))));
    }

    private async Task<Answer> Update(Call call, Flavor flavor)
    {
        var description = call.Json.GetProperty("flavor").Text("description");
        await flavors.Describe(flavor.Id, description);
        return Answer.Json(("flavor", FlavorView.Of(flavor with { Description = description }, call, call.Can(SeeSpecs))));
    }

    private async Task<Answer> Delete(Call call, Flavor flavor)
    {
        await flavors.Delete(flavor.Id);
        return Answer.Empty;
    }
}
