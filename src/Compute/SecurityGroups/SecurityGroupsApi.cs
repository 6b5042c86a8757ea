using System.Text.Json;
using Nephos.Compute.Servers;
using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;
using Nephos.Kernel.Policy;

namespace Nephos.Compute.SecurityGroups;

/// <summary>nova's old proxies of Network's security groups (until 2.35): rules in, in nova's words. The groups of a server stay.</summary>
internal sealed class SecurityGroupsApi(ISecurityGroups groups, INetworks networks, ServerTable servers)
{
    private const string Root = "os_compute_api:os-security-groups:";
    private static readonly SchemaHistory Listing = SchemaHistory.Of(Schema.Object(("limit", Types.Many(Types.NonNegative)), ("offset", Types.Many(Types.NonNegative)), ("all_tenants", Types.Many())));

    public void Map(RouteGroup g)
    {
        g.Get("/os-security-groups", List).Until("2.35").Policy(Root + "get", Rule.ProjectReaderOrAdmin, "List security groups").Query(() => Listing);
        g.Post("/os-security-groups", Create).Until("2.35").Policy(Root + "create", Rule.ProjectMemberOrAdmin, "Create a security group").Fails(400);
        g.Get("/os-security-groups/{id}", Show).Until("2.35").Policy(Root + "show", Rule.ProjectReaderOrAdmin, "Show a security group").Fails(400, 404);
        g.Put("/os-security-groups/{id}", Update).Until("2.35").Policy(Root + "update", Rule.ProjectMemberOrAdmin, "Update a security group").Fails(400, 404);
        g.Delete("/os-security-groups/{id}", Delete).Until("2.35").Returns(202).Policy(Root + "delete", Rule.ProjectMemberOrAdmin, "Delete a security group").Fails(400, 404);
        g.Post("/os-security-group-rules", AddRule).Until("2.35").Policy(Root + "rule:create", Rule.ProjectMemberOrAdmin, "Create a security group rule").Fails(400, 404);
        g.Delete("/os-security-group-rules/{id}", DeleteRule).Until("2.35").Returns(202).Policy(Root + "rule:delete", Rule.ProjectMemberOrAdmin, "Delete a security group rule").Fails(400, 404);
        g.Member("/servers/{server_id}", ServersApi.Member(servers)).Get("/os-security-groups", OfServer).Policy(Root + "list", Rule.ProjectReaderOrAdmin, "List security groups of a server");
    }

    private async Task<Answer> List(Call call)
    {
        var all = await groups.List(call.Caller, call.Query.Has("all_tenants"), call.Cancel);
        var offset = int.TryParse(call.Query["offset"], out var skip) ? skip : 0;
        var limit = Paging.Of(call).Limit;
        return await Views(call, [.. all.Skip(offset).Take(limit == 0 ? Paging.Max : limit)]);
    }

    private async Task<Answer> OfServer(Call call, ServerRow server)
    {
        var ids = (await networks.PortsOf([server.Id], call.Cancel)).SelectMany(p => p.Groups).Select(x => x.Id).Distinct().ToList();
        return await Views(call, await groups.Get(Caller.Nephos, ids, call.Cancel));
    }

    private async Task<Answer> Show(Call call) => await View(call, await Find(call, call["id"]));

    private async Task<Answer> Create(Call call)
    {
        var body = Body(call, "security_group");
        return await View(call, await InNovasWords(() => groups.Create(call.Caller, Text(body, "name"), Text(body, "description"), call.Cancel)));
    }

    private async Task<Answer> Update(Call call)
    {
        var group = await Find(call, call["id"]);
        var body = Body(call, "security_group");
        return await View(call, await InNovasWords(() => groups.Update(call.Caller, group.Id, Text(body, "name"), Text(body, "description"), call.Cancel)));
    }

    private async Task<Answer> Delete(Call call)
    {
        var group = await Find(call, call["id"]);
        await InNovasWords(async () =>
        {
            await groups.Delete(call.Caller, group.Id, call.Cancel);
            return true;
        });
        return Answer.Empty;
    }

    private async Task<Answer> AddRule(Call call)
    {
        var body = Body(call, "security_group_rule");
        var parent = await Find(call, body.Text("parent_group_id") ?? "");
        var remote = body.Text("group_id") is { } id ? await Find(call, id) : null;
        var rule = OldRule.Read(body, parent.Id, remote?.Id);
        var made = await InNovasWords(() => groups.AddRule(call.Caller, rule, call.Cancel));
        return Answer.Json(("security_group_rule", OldRule.View(made, remote is null ? [] : new() { [remote.Id] = remote })));
    }

    private async Task<Answer> DeleteRule(Call call)
    {
        if (!Guid.TryParse(call["id"], out var id)) throw Errors.GroupIdNotUuid();
        return await groups.DeleteRule(call.Caller, id, call.Cancel) ? Answer.Empty : throw Errors.RuleNotFound(call["id"]);
    }

    private async Task<SecurityGroupFacts> Find(Call call, string id)
    {
        if (!Guid.TryParse(id, out var guid)) throw Errors.GroupIdNotUuid();
        return (await groups.Get(call.Caller, [guid], call.Cancel)) is [var group] ? group : throw Errors.NoSuchGroup(id);
    }

    private async Task<Answer> View(Call call, SecurityGroupFacts group) => Answer.Json(("security_group", OldRule.View(group, await Remotes(call, [group]))));

    private async Task<Answer> Views(Call call, IReadOnlyList<SecurityGroupFacts> all)
    {
        var remotes = await Remotes(call, all);
        return Answer.Json(("security_groups", all.OrderBy(x => x.ProjectId, StringComparer.Ordinal).ThenBy(x => x.Name, StringComparer.Ordinal).Select(x => OldRule.View(x, remotes))));
    }

    // Names of the groups that rules let in.
    private async Task<Dictionary<Guid, SecurityGroupFacts>> Remotes(Call call, IReadOnlyList<SecurityGroupFacts> all)
    {
        var known = all.ToDictionary(x => x.Id);
        var missing = all.SelectMany(x => x.Rules).Select(r => r.RemoteGroup).OfType<Guid>().Where(id => !known.ContainsKey(id)).Distinct().ToList();
        if (missing.Count > 0) foreach (var group in await groups.Get(Caller.Nephos, missing, call.Cancel)) known[group.Id] = group;
        return known;
    }

    private static JsonElement Body(Call call, string member)
    {
        if (call.Json.ValueKind != JsonValueKind.Object) throw Errors.EmptyBody();
        return call.Json.Part(member) is { ValueKind: JsonValueKind.Object } part ? part : throw Errors.MissingParameter(member);
    }

    private static string Text(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() is { Length: <= 255 } text ? text : throw Errors.TooLong(name) : throw Errors.NotAText(name);

    // nova's API has 400 where Network says 409: a group in use, a rule that exists.
    private static async Task<T> InNovasWords<T>(Func<Task<T>> action)
    {
        try { return await action(); }
        catch (Fault fault) when (fault.Kind is FaultKind.Conflict)
        {
            throw fault.Name == "OverQuota" ? Errors.GroupQuota(fault.Message) : Errors.RefusedByNetwork(fault.Message);
        }
    }
}
