using System.Text.Json;
using System.Text.Json.Nodes;
using Nephos.Identity.Projects;
using Nephos.Identity.Shared;
using Nephos.Kernel.Api;

namespace Nephos.Identity.DomainConfigs;

/// <summary>
/// /v3/domains/{id}/config. Stored and shown as upstream does while <c>domain_specific_drivers_enabled</c> is off, which is its default:
/// nothing acts on them.
/// </summary>
internal sealed class DomainConfigApi(IdentityDb db, DomainOptionTable options, ProjectTable projects, IdentityOptions identity)
{
    public void Map(RouteGroup v3)
    {
        v3.Get("/domains/config/default", call => Default(null, null)).Guard("identity:get_domain_config_default");
        v3.Get("/domains/config/{group}/default", call => Default(call["group"], null)).Guard("identity:get_domain_config_default");
        v3.Get("/domains/config/{group}/{option}/default", call => Default(call["group"], call["option"])).Guard("identity:get_domain_config_default");
        v3.Get("/domains/{domain_id}/config/security_compliance", call => PasswordRules(call, null)).Guard("identity:get_security_compliance_domain_config").Fails(404);
        v3.Get("/domains/{domain_id}/config/security_compliance/{option}", call => PasswordRules(call, call["option"])).Guard("identity:get_security_compliance_domain_config").Fails(404);

        var domain = v3.Member("/domains/{domain_id}", DomainsApi.Member(projects));
        domain.Put("/config", Create).Guard("identity:create_domain_config").Fails(400);
        foreach (var (path, group, option) in ((string, bool, bool)[])[("/config", false, false), ("/config/{group}", true, false), ("/config/{group}/{option}", true, true)])
        {
            (string?, string?) Place(Call call) => (group ? call["group"] : null, option ? call["option"] : null);
            domain.Get(path, (call, row) => Show(row.Id, Place(call))).Guard("identity:get_domain_config");
            domain.Patch(path, (call, row) => Update(call, row.Id, Place(call))).Guard("identity:update_domain_config").Fails(400);
            domain.Delete(path, (call, row) => Delete(row.Id, Place(call))).Guard("identity:delete_domain_config");
        }
    }

    private static Task<Answer> Default(string? group, string? option) => Task.FromResult(Answer.Json(("config", DomainOptions.Default(group, option))));

    private async Task<Answer> PasswordRules(Call call, string? option)
    {
        if (await projects.Domain(call["domain_id"]) is null) throw Errors.DomainNotFound(call["domain_id"]);
        return Answer.Json(("config", DomainOptions.PasswordRules(identity.Compliance, call["domain_id"], option)));
    }

    private async Task<Answer> Create(Call call, ProjectRow domain)
    {
        var wanted = DomainOptions.Read(Config(call));
        var had = (await options.Names(domain.Id)).Count > 0;
        await db.InTransaction(async () =>
        {
            await options.Clear(domain.Id);
            await options.Put(domain.Id, wanted, DomainOptions.IsSecret);
        });
        return Answer.Json(("config", DomainOptions.Shown(await options.Open(domain.Id)))).As(had ? 200 : 201);
    }

    private async Task<Answer> Show(string domain, (string? Group, string? Option) place)
    {
        DomainOptions.Check(place.Group, place.Option);
        var found = Within(await options.Open(domain), place);
        if (found.Count == 0) throw Missing(domain, place);
        return Answer.Json(("config", place.Option is null ? DomainOptions.Shown(found) : new JsonObject { [place.Option] = JsonNode.Parse(found[0].Value) }));
    }

    private async Task<Answer> Update(Call call, string domain, (string? Group, string? Option) place)
    {
        var config = Config(call);
        var (group, option) = place;
        // For one option the body is the option itself.
        var wanted = option is null ? DomainOptions.Read(config) : DomainOptions.Read(JsonSerializer.SerializeToElement(new Dictionary<string, JsonElement> { [group!] = config }));
        DomainOptions.Check(group, option);
        if (group is not null)
        {
            if (option is not null && (wanted.Count != 1 || wanted[0].Name != option))
                throw Errors.DomainConfigInvalid($"Trying to update option {option} in group {group}, so that, and only that, option must be specified  in the config");
            if (wanted.Exists(o => o.Group != group)) throw Errors.DomainConfigInvalid($"Trying to update group {group}, so that, and only that, group must be specified in the config");
            if (!(await options.Names(domain)).Exists(n => n.Group == group && (option is null || n.Name == option))) throw Missing(domain, place);
        }
        await db.InTransaction(() => options.Put(domain, wanted, DomainOptions.IsSecret));
        return Answer.Json(("config", DomainOptions.Shown(await options.Open(domain))));
    }

    private async Task<Answer> Delete(string domain, (string? Group, string? Option) place)
    {
        var (group, option) = place;
        DomainOptions.Check(group, option);
        if (group is not null && !(await options.Names(domain)).Exists(n => n.Group == group && (option is null || n.Name == option))) throw Missing(domain, place);
        await (group is null ? options.Clear(domain) : option is null ? options.Clear(domain, group) : options.Clear(domain, group, option));
        return Answer.Empty;
    }

    private static JsonElement Config(Call call) => Fields.In(call.Json, "config").Json is { ValueKind: not JsonValueKind.Undefined } config
        ? config : throw Errors.DomainConfigInvalid("No options specified");

    private static List<DomainOption> Within(List<DomainOption> all, (string? Group, string? Option) place) =>
        all.FindAll(o => (place.Group is null || o.Group == place.Group) && (place.Option is null || o.Name == place.Option));

    private static Contracts.Fault Missing(string domain, (string? Group, string? Option) place) => Errors.DomainConfigNotFound(
        place.Option is not null ? $"option {place.Option} in group {place.Group}" : place.Group is not null ? $"group {place.Group}" : "any options", domain);
}
