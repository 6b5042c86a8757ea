using System.Text.Json.Nodes;
using Nephos.Kernel.Api;
using Nephos.Kernel.Data;

namespace Nephos.Image.Metadefs;

/// <summary>Which types of resources a namespace is meant for.</summary>
internal sealed class ResourceTypesApi(MetadefTable table)
{
    public void Map(RouteGroup v2)
    {
        v2.Get("/metadefs/resource_types", List).Policy("list_metadef_resource_types", NamespacesApi.SeeText, "List resource types");
        var space = v2.Member("/metadefs/namespaces/{namespace}", NamespacesApi.One(table));
        space.Get("/resource_types", Of).Policy("list_metadef_resource_types", NamespacesApi.SeeText, "List resource types")
            .Also("get_metadef_resource_type", NamespacesApi.SeeText, "Show a resource type of a namespace");
        space.Post("/resource_types", Add).Policy("add_metadef_resource_type_association", NamespacesApi.AdminText, "Mean a namespace for a resource type")
            .Body(() => MetadefSchemas.OfResourceType).Returns(201).Fails(409);
        space.Delete("/resource_types/{name}", Remove).Policy("remove_metadef_resource_type_association", NamespacesApi.AdminText, "Mean a namespace no more for a resource type");
    }

    private async Task<Answer> List(Call call) => Answer.Json(("resource_types", (await table.ResourceTypes()).Select(t =>
    {
        var json = new JsonObject { ["name"] = t.Name };
        MetadefView.Times(json, t.CreatedAt, t.UpdatedAt);
        return json;
    })));

    private async Task<Answer> Of(Call call, NamespaceRow space)
    {
        IReadOnlyList<AssociationRow> rows = call.Can("get_metadef_resource_type", space.Target) ? await table.Associations([space.Id]) : [];
        return Answer.Json(("resource_type_associations", rows.Select(MetadefView.Association)));
    }

    private async Task<Answer> Add(Call call, NamespaceRow space)
    {
        NamespacesApi.RefuseReadOnly(call.Json);
        var name = NamespacesApi.Text(call.Json, "name")!;
        try { return Answer.JsonValue(MetadefView.Association(await table.Associate(space.Id, name, NamespacesApi.Text(call.Json, "prefix"), NamespacesApi.Text(call.Json, "properties_target")))); }
        catch (DuplicateKey) { throw MetadefErrors.AssociationTaken(name, space.Namespace); }
    }

    private async Task<Answer> Remove(Call call, NamespaceRow space) =>
        await table.Dissociate(space.Id, call["name"]) ? Answer.Empty : throw MetadefErrors.NoAssociation(call["name"]);
}
