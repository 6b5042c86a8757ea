using System.Text.Json;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;
using Nephos.Network.Attributes;

namespace Nephos.Network.Tags;

/// <summary><c>/networks/{id}/tags</c> and the like.</summary>
internal sealed class TagsApi<T>(Resource<T> resource, ResourceApi<T> api, NetworkDb db, TagTable tags) where T : class, IResourceRow
{
    private const int MaxLength = 255;

    public void Map(RouteGroup v2)
    {
        var (path, read, write) = ($"/{resource.Path}/{{id}}/tags", "get_" + resource.Name, "update_" + resource.Name);
        if (!Policies.Has(write)) write = "create_" + resource.Name;
        Guard(v2.Get(path, List), read);
        Guard(v2.Put(path, Replace), write).Fails(400);
        Guard(v2.Post(path, AddAll), write).Returns(201).Fails(400);
        Guard(v2.Delete(path, Clear), write);
        Guard(v2.Get(path + "/{tag}", Check), read).Returns(204);
        Guard(v2.Put(path + "/{tag}", Add), write).Returns(201).Fails(400);
        Guard(v2.Delete(path + "/{tag}", Remove), write);
    }

    private async Task<Answer> List(Call call)
    {
        var (row, _) = await Load(call);
        return Answer.Json(("tags", row.Tags));
    }

    private async Task<Answer> Check(Call call)
    {
        var (row, _) = await Load(call);
        return row.Tags.Contains(call["tag"]) ? Answer.Empty : throw Errors.TagNotFound(call["tag"]);
    }

    private async Task<Answer> Replace(Call call)
    {
        var wanted = Wanted(call.Json);
        await Change(call, id => tags.Replace(resource.Name, id, wanted));
        return Answer.Json(("tags", wanted.Distinct().ToList()));
    }

    private async Task<Answer> AddAll(Call call)
    {
        var wanted = Wanted(call.Json);
        await Change(call, async id => { foreach (var tag in wanted) await tags.Add(resource.Name, id, tag); });
        return Answer.Json(("tags", wanted.Distinct().ToList()));
    }

    private async Task<Answer> Clear(Call call)
    {
        await Change(call, id => tags.Clear(resource.Name, id));
        return Answer.Empty;
    }

    private async Task<Answer> Add(Call call)
    {
        var tag = Checked(call["tag"]);
        await Change(call, id => tags.Add(resource.Name, id, tag));
        return Answer.Empty;
    }

    private async Task<Answer> Remove(Call call)
    {
        await Change(call, async id => { if (!await tags.Remove(resource.Name, id, call["tag"])) throw Errors.TagNotFound(call["tag"]); });
        return Answer.Empty;
    }

    private async Task Change(Call call, Func<Guid, Task> change)
    {
        var (row, _) = await Load(call);
        api.Authorize(call, call.Route!.PolicyName!, row);
        await db.InTransaction(async () =>
        {
            if (await resource.Touch(row.Id) is null) throw Errors.TagResourceNotFound(resource.Name, call["id"]);
            await change(row.Id);
        });
    }

    private async Task<(T Row, Viewer Viewer)> Load(Call call)
    {
        try { return await api.Load(call); }
        catch (Contracts.Fault e) when (e.Kind == Contracts.FaultKind.NotFound) { throw Errors.TagResourceNotFound(resource.Name, call["id"]); }
    }

    private static List<string> Wanted(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("tags", out var list)) throw Errors.BadRequest("Invalid input for tags. Reason: Invalid tags body.");
        try { return Read.List(list, item => Checked(item.ValueKind == JsonValueKind.String ? item.GetString()! : throw new InvalidValue($"'{PythonRepr.Str(item)}' is not a valid string"))); }
        catch (InvalidValue e) { throw Errors.BadRequest($"Invalid input for tags. Reason: {e.Message}."); }
    }

    private static string Checked(string tag) => tag.Length <= MaxLength ? tag : throw Errors.BadRequest($"Invalid input for tags. Reason: '{tag}' exceeds maximum length of {MaxLength}.");

    private static Route Guard(Route route, string rule) => route.Policy(rule, Policies.All[rule], Policies.Describe(rule)).Fails(404);
}
