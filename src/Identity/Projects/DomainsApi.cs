using System.Text.Json;
using Nephos.Contracts;
using Nephos.Identity.Shared;
using Nephos.Identity.Tokens;
using Nephos.Kernel.Api;
using Nephos.Kernel.Data;
using Nephos.Kernel.Policy;

namespace Nephos.Identity.Projects;

/// <summary>/v3/domains.</summary>
internal sealed class DomainsApi(IdentityDb db, ProjectTable projects, RemoveProjects remove, RevocationTable revocations, Epoch epoch)
{
    private static readonly string[] Known = ["name", "domain_id", "parent_id", "is_domain", "enabled", "description", "tags", "options"];

    public void Map(RouteGroup v3)
    {
        v3.Get("/domains", List).Guard("identity:list_domains").Target(Targets.Domain).Fails(400);
        v3.Post("/domains", Create).Guard("identity:create_domain").Body(() => ProjectSchemas.CreateDomain).Returns(201).Fails(409);
        var one = v3.Member("/domains/{domain_id}", Member(projects));
        one.Get("", Show).Guard("identity:get_domain");
        one.Patch("", Update).Guard("identity:update_domain").Body(() => ProjectSchemas.UpdateDomain).Fails(409);
        one.Delete("", Delete).Guard("identity:delete_domain");
    }

    public static MemberOf<ProjectRow> Member(ProjectTable projects) =>
        new(c => projects.Domain(c["domain_id"]), c => Errors.DomainNotFound(c["domain_id"]), d => new PolicyTarget { ["target.domain.id"] = d.Id, ["target.domain_id"] = d.Id });

    private async Task<Answer> List(Call call)
    {
        var list = new Listing(call, "identity_projects").Texts("name").Flags("enabled").Only($"is_domain = TRUE");
        if (call.Caller.DomainId is { } domain) list.Only($"id = {domain}");
        var page = await projects.List(list.Sql);
        var tags = await projects.Tags([.. page.Items.Select(d => d.Id)]);
        return Listing.Answer(call, "domains", [.. page.Items.Select(d => DomainView.Of(d, tags[d.Id], call))], page.HasMore ? page.Items[^1].Id : null);
    }

    private async Task<Answer> Show(Call call, ProjectRow domain) => Answer.Json(("domain", DomainView.Of(domain, await projects.TagsOf(domain.Id), call)));

    private async Task<Answer> Create(Call call)
    {
        var given = Fields.In(call.Json, "domain");
        var id = given.Text("explicit_domain_id") ?? NewId.Hex();
        if (given.Has("explicit_domain_id") && !(Guid.TryParseExact(id, "N", out _) || Guid.TryParseExact(id, "D", out _))) throw Errors.Invalid("Domain ID does not conform to required UUID format.");
        var domain = new ProjectRow(id, given.Text("name")!.Trim(), null, null, true, given.Flag("enabled", true), given.Text("description") ?? "", given.Options(), given.Extra([.. Known, "explicit_domain_id"]), db.Now);
        var tags = given.List("tags").Select(t => t.GetString()!).ToList();
        try
        {
            await epoch.Change(Happened.Created("domain", domain.Id), async () =>
            {
                await projects.Insert(domain);
                await projects.SetTags(domain.Id, tags);
            });
        }
        catch (DuplicateKey e) { throw e.On("id") ? Errors.IdTaken("domain", id) : Errors.NameTaken("domain", domain.Name, null); }
        return Answer.Json(("domain", DomainView.Of(domain, tags, call)));
    }

    private async Task<Answer> Update(Call call, ProjectRow domain)
    {
        var given = Fields.In(call.Json, "domain");
        if (given.Text("id") is { } id && id != domain.Id) throw Errors.IdMismatch();
        var options = given.Options(domain.Options);
        if (domain.IsImmutable && options.TryGetValue("immutable", out var stays) && stays.ValueKind == JsonValueKind.True) throw Errors.Immutable("domain", domain.Id);
        var changed = domain with
        {
            Name = given.Text("name")?.Trim() ?? domain.Name,
            Enabled = given.Flag("enabled", domain.Enabled),
            Description = given.Text("description", domain.Description) ?? "",
            Options = options,
            Extra = given.Extra(Known, domain.Extra),
        };
        try
        {
            await epoch.Change(Happened.Updated("domain", domain.Id), async () =>
            {
                await projects.Update(changed);
                if (given.Has("tags")) await projects.SetTags(domain.Id, given.List("tags").Select(t => t.GetString()!));
                if (domain.Enabled && !changed.Enabled) await revocations.Revoke("domain:" + domain.Id);
            });
        }
        catch (DuplicateKey) { throw Errors.NameTaken("domain", changed.Name, null); }
        return Answer.Json(("domain", DomainView.Of(changed, await projects.TagsOf(domain.Id), call)));
    }

    private async Task<Answer> Delete(Call call, ProjectRow domain)
    {
        if (domain.Id == "default") throw Errors.DefaultDomain();
        if (domain.IsImmutable) throw Errors.ImmutableDelete("domain", domain.Id);
        if (domain.Enabled) throw Errors.DomainStillEnabled();
        await epoch.Change(Happened.Deleted("domain", domain.Id), () => remove.Domain(domain.Id));
        return Answer.Empty;
    }
}
