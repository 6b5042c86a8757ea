using Nephos.Kernel.Api;
using Nephos.Kernel.Policy;

namespace Nephos.Compute.Servers;

/// <summary>A server's tags (since 2.26).</summary>
internal sealed class ServerTags(ServerTable servers)
{
    private const int Limit = 50;

    public void Map(RouteGroup g)
    {
        var tags = g.Member("/servers/{server_id}/tags", ServersApi.Member(servers));
        tags.Get("", List).Since("2.26").Policy("os_compute_api:os-server-tags:index", Rule.ProjectReaderOrAdmin, "List tags of a server");
        tags.Put("", Replace).Since("2.26").Policy("os_compute_api:os-server-tags:update_all", Rule.ProjectMemberOrAdmin, "Replace tags of a server").Body(() => ServerSchemas.Tags).Fails(409);
        tags.Delete("", Clear).Since("2.26").Policy("os_compute_api:os-server-tags:delete_all", Rule.ProjectMemberOrAdmin, "Delete all tags of a server").Fails(409);
        tags.Get("/{tag}", Check).Since("2.26").Returns(204).Policy("os_compute_api:os-server-tags:show", Rule.ProjectReaderOrAdmin, "Check a tag of a server");
        tags.Put("/{tag}", Add).Since("2.26").Returns(201).Policy("os_compute_api:os-server-tags:update", Rule.ProjectMemberOrAdmin, "Add a tag to a server").Fails(400, 409);
        tags.Delete("/{tag}", Remove).Since("2.26").Policy("os_compute_api:os-server-tags:delete", Rule.ProjectMemberOrAdmin, "Delete a tag of a server").Fails(409);
    }

    private static Task<Answer> List(Call call, ServerRow server) => Task.FromResult(Answer.Json(("tags", server.Tags)));

    private async Task<Answer> Replace(Call call, ServerRow server)
    {
        Require(server);
        var asked = call.Json.GetProperty("tags").EnumerateArray().Select(t => t.GetString()!).Distinct().Order(StringComparer.Ordinal).ToArray();
        return Answer.Json(("tags", await servers.ChangeTags(server.Id, _ => asked)));
    }

    private async Task<Answer> Clear(Call call, ServerRow server)
    {
        Require(server);
        await servers.ChangeTags(server.Id, _ => []);
        return Answer.Empty;
    }

    private static Task<Answer> Check(Call call, ServerRow server) =>
        server.Tags.Contains(call["tag"]) ? Task.FromResult(Answer.Empty) : throw Errors.TagNotFound(server.Id, call["tag"]);

    private async Task<Answer> Add(Call call, ServerRow server)
    {
        Require(server);
        var tag = call["tag"];
        if (tag.Length > 60) throw Errors.TagTooLong(tag);
        if (tag.Length == 0 || tag.AsSpan().IndexOfAny(',', '/') >= 0) throw Errors.BadTag(tag);
        if (server.Tags.Contains(tag)) return Answer.Empty.As(204);
        await servers.ChangeTags(server.Id, known => known.Contains(tag) ? known : known.Length >= Limit ? throw Errors.TooManyTags() : [.. known.Append(tag).Order(StringComparer.Ordinal)]);
        return Answer.Empty.With("Location", $"{call.ServiceUrl}/v2.1/servers/{server.Id}/tags/{Uri.EscapeDataString(tag)}");
    }

    private async Task<Answer> Remove(Call call, ServerRow server)
    {
        Require(server);
        await servers.ChangeTags(server.Id, known => known.Contains(call["tag"]) ? [.. known.Where(t => t != call["tag"])] : throw Errors.TagNotFound(server.Id, call["tag"]));
        return Answer.Empty;
    }

    private static void Require(ServerRow server)
    {
        if (server.VmState is not (VmState.Active or VmState.Paused or VmState.Suspended or VmState.Stopped)) throw Errors.InvalidState("update tags of", server.Id, "vm_state", server.VmState);
    }
}
