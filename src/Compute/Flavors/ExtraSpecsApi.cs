using Nephos.Kernel.Api;
using Nephos.Kernel.Policy;

namespace Nephos.Compute.Flavors;

/// <summary>A flavor's extra specs.</summary>
internal sealed class ExtraSpecsApi(FlavorTable flavors)
{
    public void Map(RouteGroup g)
    {
        var specs = g.Member("/flavors/{flavor_id}/os-extra_specs", FlavorsApi.Member(flavors));
        specs.Get("", List).Policy("os_compute_api:os-flavor-extra-specs:index", Rule.ProjectReaderOrAdmin, "List extra specs of a flavor").Target(call => call.OwnTarget);
        specs.Post("", Create).Policy("os_compute_api:os-flavor-extra-specs:create", Rule.Admin, "Create extra specs of a flavor").Body(() => FlavorSchemas.CreateSpecs);
        specs.Get("/{key}", Show).Policy("os_compute_api:os-flavor-extra-specs:show", Rule.ProjectReaderOrAdmin, "Show an extra spec of a flavor").Target(call => call.OwnTarget);
        specs.Put("/{key}", Update).Policy("os_compute_api:os-flavor-extra-specs:update", Rule.Admin, "Update an extra spec of a flavor").Body(() => FlavorSchemas.UpdateSpec);
        specs.Delete("/{key}", Delete).Returns(200).Policy("os_compute_api:os-flavor-extra-specs:delete", Rule.Admin, "Delete an extra spec of a flavor");
    }

    private static Task<Answer> List(Call call, Flavor flavor) => Task.FromResult(Answer.Json(("extra_specs", flavor.ExtraSpecs)));

    private async Task<Answer> Create(Call call, Flavor flavor)
    {
        var specs = call.Json.GetProperty("extra_specs").Texts();
        Check(call, specs);
        await flavors.ChangeSpecs(flavor.Id, known => Merge(known, specs));
        return Answer.Json(("extra_specs", specs));
    }

    private static Task<Answer> Show(Call call, Flavor flavor) => flavor.ExtraSpecs.TryGetValue(call["key"], out var value)
        ? Task.FromResult(Answer.JsonValue(new Dictionary<string, string> { [call["key"]] = value }))
        : throw Errors.NoExtraSpec(flavor.Id, call["key"]);

    private async Task<Answer> Update(Call call, Flavor flavor)
    {
        var specs = call.Json.Texts();
        if (!specs.ContainsKey(call["key"])) throw Errors.BodyAndUriMismatch();
        Check(call, specs);
        await flavors.ChangeSpecs(flavor.Id, known => Merge(known, specs));
        return Answer.JsonValue(specs);
    }

    private async Task<Answer> Delete(Call call, Flavor flavor) => await flavors.ChangeSpecs(flavor.Id, known => known.Remove(call["key"]))
        ? Answer.Empty : throw Errors.NoExtraSpec(flavor.Id, call["key"]);

    private static void Check(Call call, Dictionary<string, string> specs)
    {
        if (!call.At("2.86")) return;
        foreach (var (name, value) in specs) ExtraSpec.Check(name, value);
    }

    private static bool Merge(SortedDictionary<string, string> known, Dictionary<string, string> more)
    {
        foreach (var (name, value) in more) known[name] = value;
        return true;
    }
}
