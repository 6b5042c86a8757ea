using System.Text.Json;
using Nephos.Kernel.Api;
using Nephos.Kernel.Policy;

namespace Nephos.Compute.Servers;

/// <summary>A server's metadata: texts the user keeps with it.</summary>
internal sealed class ServerMetadata(ServerTable servers)
{
    /// <summary>nova's default quota of items.</summary>
    public const int Limit = 128;

    public void Map(RouteGroup g)
    {
        var meta = g.Member("/servers/{server_id}/metadata", ServersApi.Member(servers));
        meta.Get("", List).Policy("os_compute_api:server-metadata:index", Rule.ProjectReaderOrAdmin, "List metadata of a server");
        meta.Post("", (c, s) => Write(c, s, Merged)).Policy("os_compute_api:server-metadata:create", Rule.ProjectMemberOrAdmin, "Create metadata of a server").Body(() => ServerSchemas.Metadata).Fails(409);
        meta.Put("", (c, s) => Write(c, s, (_, asked) => asked)).Policy("os_compute_api:server-metadata:update_all", Rule.ProjectMemberOrAdmin, "Replace metadata of a server").Body(() => ServerSchemas.Metadata).Fails(409);
        meta.Get("/{key}", Show).Policy("os_compute_api:server-metadata:show", Rule.ProjectReaderOrAdmin, "Show a metadata item of a server");
        meta.Put("/{key}", WriteOne).Policy("os_compute_api:server-metadata:update", Rule.ProjectMemberOrAdmin, "Update a metadata item of a server").Body(() => ServerSchemas.MetadataItem).Fails(409);
        meta.Delete("/{key}", Delete).Policy("os_compute_api:server-metadata:delete", Rule.ProjectMemberOrAdmin, "Delete a metadata item of a server").Fails(409);
    }

    private static Task<Answer> List(Call call, ServerRow server) => Task.FromResult(Answer.Json(("metadata", server.Metadata)));

    private async Task<Answer> Write(Call call, ServerRow server, Func<SortedDictionary<string, string>, SortedDictionary<string, string>, SortedDictionary<string, string>> change)
    {
        Server.RequireUnlocked(server, call.Caller.HasRole("admin"));
        var asked = Sorted(call.Json.GetProperty("metadata"));
        return Answer.Json(("metadata", await servers.ChangeMetadata(server.Id, known => Within(change(known, asked)))));
    }

    private static Task<Answer> Show(Call call, ServerRow server) => server.Metadata.TryGetValue(call["key"], out var value)
        ? Task.FromResult(Answer.Json(("meta", new Dictionary<string, string> { [call["key"]] = value }))) : throw Errors.MetadataNotFound();

    private async Task<Answer> WriteOne(Call call, ServerRow server)
    {
        Server.RequireUnlocked(server, call.Caller.HasRole("admin"));
        var asked = Sorted(call.Json.GetProperty("meta"));
        if (!asked.ContainsKey(call["key"])) throw Errors.BodyAndUriMismatch();
        await servers.ChangeMetadata(server.Id, known => Within(Merged(known, asked)));
        return Answer.Json(("meta", asked));
    }

    private async Task<Answer> Delete(Call call, ServerRow server)
    {
        Server.RequireUnlocked(server, call.Caller.HasRole("admin"));
        await servers.ChangeMetadata(server.Id, known => known.Remove(call["key"]) ? known : throw Errors.MetadataNotFound());
        return Answer.Empty;
    }

    public static SortedDictionary<string, string> Sorted(JsonElement body) => new(body.Texts(), StringComparer.Ordinal);

    public static SortedDictionary<string, string> Merged(SortedDictionary<string, string> known, SortedDictionary<string, string> asked)
    {
        foreach (var (key, value) in asked) known[key] = value;
        return known;
    }

    private static SortedDictionary<string, string> Within(SortedDictionary<string, string> metadata) => metadata.Count <= Limit ? metadata : throw Errors.TooManyMetadata(Limit);
}
