using System.Text.RegularExpressions;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;
using Nephos.Kernel.Data;
using Nephos.Placement.Providers;

namespace Nephos.Placement.Classes;

/// <summary><c>/resource_classes</c>.</summary>
internal sealed partial class ResourceClassesApi(PlacementDb db, ClassTable classes)
{
    private static readonly SchemaHistory Named = SchemaHistory.Of(Schema.Object(("name", Schema.Text(pattern: Types.CustomKey).Set("maxLength", 255))).Require("name").Closed());

    private sealed record ClassView(string Name, IReadOnlyList<LinkView> Links);

    public void Map(RouteGroup g)
    {
        g.Get("/resource_classes", List).Since("1.2").Policy("placement:resource_classes:list", Rules.Operator, "List resource classes").Fails(404);
        g.Post("/resource_classes", Create).Since("1.2").Policy("placement:resource_classes:create", Rules.Operator, "Create a resource class").Body(() => Named).Returns(201).Fails(404, 409, 415);
        g.Get("/resource_classes/{name}", Show).Since("1.2").Policy("placement:resource_classes:show", Rules.Operator, "Show a resource class").Fails(404);
        g.Put("/resource_classes/{name}", Rename).Since("1.2").Until("1.6").Policy("placement:resource_classes:update", Rules.Operator, "Rename a resource class").Body(() => Named).Fails(404, 409, 415);
        g.Put("/resource_classes/{name}", Ensure).Since("1.7").Policy("placement:resource_classes:update", Rules.Operator, "Create or confirm a resource class").Returns(204).Fails(400, 404);
        g.Delete("/resource_classes/{name}", Delete).Since("1.2").Policy("placement:resource_classes:delete", Rules.Operator, "Delete a resource class").Fails(400, 404, 409);
    }

    private async Task<Answer> List(Call call)
    {
        var custom = await classes.Custom();
        return Answer.Json(("resource_classes", StandardClasses.All.Concat(custom.Select(c => c.Name)).Select(n => View(call, n))))
            .Changed(call, custom.Count == 0 ? db.Now : custom.Max(c => c.UpdatedAt));
    }

    private async Task<Answer> Show(Call call) => await classes.Exists(call["name"]) ? Answer.JsonValue(View(call, call["name"])).Changed(call, db.Now) : throw Errors.NoClass(call["name"]);

    private async Task<Answer> Create(Call call)
    {
        var name = call.Json.GetProperty("name").GetString()!;
        return await classes.Add(name) ? Answer.Empty.With("Location", $"{call.ServiceUrl}/resource_classes/{name}") : throw Errors.ClassTaken(name);
    }

    private async Task<Answer> Rename(Call call)
    {
        var (old, name) = (call["name"], call.Json.GetProperty("name").GetString()!);
        if (!await classes.Exists(old)) throw Errors.NoClass(old);
        if (StandardClasses.Has(old)) throw Errors.StandardClassStays(old);
        try { if (!await classes.Rename(old, name)) throw Errors.NoClass(old); }
        catch (DuplicateKey) { throw Errors.ClassNameTaken(name); }
        return Answer.JsonValue(View(call, name));
    }

    private async Task<Answer> Ensure(Call call)
    {
        var name = call["name"];
        if (name.Length > 255 || !Custom().IsMatch(name))
            throw Errors.Invalid($"JSON does not validate: {PythonRepr.Text(name)} does not match '^CUSTOM_[A-Z0-9_]+$'");
        return Answer.Empty.As(await classes.Add(name) ? 201 : 204).With("Location", $"{call.ServiceUrl}/resource_classes/{name}");
    }

    private async Task<Answer> Delete(Call call)
    {
        var name = call["name"];
        if (StandardClasses.Has(name)) throw Errors.StandardClass(name);
        if (!await classes.Exists(name)) throw Errors.NoClass(name);
        return await classes.Remove(name) ? Answer.Empty : throw Errors.ClassInUse(name);
    }

    private static ClassView View(Call call, string name) => new(name, [new("self", call.Path($"/resource_classes/{name}"))]);

    [GeneratedRegex("^CUSTOM_[A-Z0-9_]+\\z")]
    private static partial Regex Custom();
}
