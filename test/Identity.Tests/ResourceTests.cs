using Nephos.Testing;
using Xunit;

namespace Nephos.Identity.Tests;

/// <summary>What all resources have in common: make, show, find, change, refuse, delete.</summary>
public sealed class ResourceTests
{
    /// <param name="Collection">Path and name of the list.</param>
    /// <param name="Name">Name of one.</param>
    /// <param name="New">A body.</param>
    /// <param name="Bad">A body that is refused.</param>
    /// <param name="Change">A change.</param>
    /// <param name="Unique">True if the same body again is a conflict.</param>
    /// <param name="BadChange">A change that is refused.</param>
    private sealed record Kind(string Collection, string Name, object New, object Bad, object Change, bool Unique, object BadChange);

    [Theory, OnEachDatabase]
    public async Task Every_resource_is_made_shown_found_changed_and_deleted(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind);
        var admin = await cloud.Admin();
        var service = await admin.Make("services", "service", new { type = "x" });
        var owner = await admin.Make("users", "user", new { name = "owner" });
        foreach (var resource in Kinds(service, owner)) await Walk(cloud, admin, resource);
    }

    private static Kind[] Kinds(string service, string owner) =>
    [
        new("users", "user", new { name = "ann", email = "ann@example.org", options = new { lock_password = true } }, new { name = "" }, new { description = "d" }, true, new { enabled = "yes" }),
        new("groups", "group", new { name = "staff" }, new { description = 1 }, new { name = "people" }, true, new { name = "" }),
        new("projects", "project", new { name = "work", tags = new[] { "a" } }, new { name = new string('x', 65) }, new { description = "d" }, true, new { tags = new[] { "a,b" } }),
        new("domains", "domain", new { name = "there", enabled = false }, new { name = 1 }, new { description = "d" }, true, new { enabled = 1 }),
        new("roles", "role", new { name = "auditor" }, new { name = " " }, new { description = "d" }, true, new { options = new { other = true } }),
        new("regions", "region", new { id = "west", description = "w" }, new { description = 1 }, new { description = "d" }, true, new { parent_region_id = 1 }),
        new("services", "service", new { type = "compute", name = "nova2" }, new { name = "n" }, new { name = "nova3" }, false, new { enabled = "x" }),
        new("endpoints", "endpoint", new { service_id = service, @interface = "public", url = "http://x/$(project_id)s" }, new { service_id = service, @interface = "odd", url = "http://x" }, new { url = "http://y" }, false, new { url = "nowhere" }),
        new("credentials", "credential", new { user_id = owner, type = "cert", blob = "secret" }, new { type = "ec2", blob = "{}" }, new { blob = "other" }, false, new { blob = 1 }),
        new("policies", "policy", new { type = "text/plain", blob = "{}" }, new { blob = "x" }, new { blob = "y" }, false, new { type = 1 }),
        new("OS-EP-FILTER/endpoint_groups", "endpoint_group", new { name = "g", filters = new { @interface = "public" } }, new { name = "g", filters = new { } }, new { description = "d" }, false, new { filters = new { other = "x" } }),
    ];

    private static async Task Walk(IdentityCloud cloud, Client admin, Kind kind)
    {
        object Body(object inner) => new Dictionary<string, object> { [kind.Name] = inner };
        var (list, plural) = ("v3/" + kind.Collection, kind.Collection.Split('/')[^1]);
        var nobody = cloud.Nobody();
        await admin.Post("v3/users", new { user = new { name = "stranger", password = "p" } });
        var stranger = await cloud.Login(Auth.Password("stranger", "p"));

        (await nobody.Post(list, Body(kind.New))).Is(401);
        (await stranger.Post(list, Body(kind.New))).Is(403);
        (await admin.Post(list, Body(kind.Bad))).Is(400);
        (await admin.Post(list, "{not json")).Is(400);
        (await admin.Post(list, "[]")).Is(400);
        var made = (await admin.Post(list, Body(kind.New))).Is(201)[kind.Name];
        if (kind.Unique) (await admin.Post(list, Body(kind.New))).Is(409);

        var one = $"{list}/{made["id"]}";
        Assert.Equal($"{cloud.Root}/identity/{one}", (string?)made["links"]!["self"]);
        Assert.Equal(made.ToJsonString(), (await admin.Get(one)).Is(200)[kind.Name].ToJsonString());
        (await admin.Head(one)).Is(200);
        var all = (await admin.Get(list)).Is(200);
        Assert.Contains(all[plural].AsArray(), x => (string?)x!["id"] == (string?)made["id"]);
        Assert.Equal($"{cloud.Root}/identity/{list}", (string?)all["links"]["self"]);
        (await nobody.Get(one)).Is(401);
        if (kind.Name != "region") (await stranger.Get(one)).Is(403);
        (await admin.Get($"{list}/absent")).Is(404);

        (await stranger.Patch(one, Body(kind.Change))).Is(403);
        (await stranger.Patch($"{list}/absent", Body(kind.Change))).Is(403);
        (await admin.Patch($"{list}/absent", Body(kind.Change))).Is(404);
        (await admin.Patch(one, Body(kind.BadChange))).Is(400);
        var changed = (await admin.Patch(one, Body(kind.Change))).Is(200)[kind.Name];
        Assert.NotEqual(made.ToJsonString(), changed.ToJsonString());
        Assert.Equal(changed.ToJsonString(), (await admin.Get(one))[kind.Name].ToJsonString());

        (await stranger.Delete(one)).Is(403);
        (await nobody.Delete(one)).Is(401);
        (await admin.Delete(one)).Is(204);
        (await admin.Get(one)).Is(404);
        (await admin.Delete(one)).Is(404);
    }

    [Theory, OnEachDatabase]
    public async Task Lists_are_filtered_and_paged(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind);
        var admin = await cloud.Admin();
        foreach (var name in (string[])["alpha", "alphabet", "Beta_1", "beta%2"]) await admin.Make("users", "user", new { name, enabled = name != "alpha" });
        async Task<string[]> Names(string query) => [.. (await admin.Get("v3/users?" + query)).Is(200)["users"].AsArray().Select(u => (string)u!["name"]!)];

        Assert.Equal(["alpha"], await Names("name=alpha"));
        Assert.Equal(["alpha", "alphabet"], await Names("name__startswith=alpha"));
        Assert.Equal(["Beta_1"], await Names("name__contains=_"));
        Assert.Equal(["beta%2"], await Names("name__contains=%25"));
        Assert.Equal(["Beta_1", "beta%2"], await Names("name__icontains=BETA"));
        Assert.Equal(["alphabet"], await Names("name__endswith=bet&enabled=1"));
        Assert.Equal(["alpha"], await Names("enabled=false"));
        Assert.Equal(["admin", "alpha", "alphabet", "Beta_1", "beta%2"], await Names("unknown=1"));
        var seen = new List<string>();
        for (var next = "v3/users?limit=2"; next is not null;)
        {
            var page = (await admin.Get(next)).Is(200);
            seen.AddRange(page["users"].AsArray().Select(u => (string)u!["name"]!));
            next = (string?)page["links"]["next"];
        }
        Assert.Equal(["admin", "alpha", "alphabet", "Beta_1", "beta%2"], seen);
        (await admin.Get("v3/users?limit=2&marker=nobody")).Is(400);
    }

    [Theory, OnEachDatabase]
    public async Task Projects_form_a_tree_that_keeps_its_rules(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind);
        var admin = await cloud.Admin();
        var top = await admin.Make("projects", "project", new { name = "top" });
        var middle = await admin.Make("projects", "project", new { name = "middle", parent_id = top });
        var leaf = await admin.Make("projects", "project", new { name = "leaf", parent_id = middle, tags = new[] { "x", "y" } });

        (await admin.Delete($"v3/projects/{top}")).Is(403);
        (await admin.Patch($"v3/projects/{middle}", new { project = new { enabled = false } })).Is(403);
        (await admin.Patch($"v3/projects/{leaf}", new { project = new { enabled = false } })).Is(200);
        (await admin.Patch($"v3/projects/{middle}", new { project = new { enabled = false } })).Is(200);
        (await admin.Patch($"v3/projects/{leaf}", new { project = new { enabled = true } })).Is(403);
        (await admin.Post("v3/projects", new { project = new { name = "n", parent_id = middle } })).Is(400);
        (await admin.Post("v3/projects", new { project = new { name = "n", parent_id = "absent" } })).Is(400);
        (await admin.Patch($"v3/projects/{leaf}", new { project = new { parent_id = top } })).Is(403);

        Assert.Equal("{\"" + middle + "\":{\"" + top + "\":{\"default\":null}}}", (await admin.Get($"v3/projects/{leaf}?parents_as_ids"))["project"]["parents"]!.ToJsonString());
        Assert.Equal($$$"""{"{{{middle}}}":{"{{{leaf}}}":null}}""", (await admin.Get($"v3/projects/{top}?subtree_as_ids"))["project"]["subtree"]!.ToJsonString());
        (await admin.Get($"v3/projects/{top}?subtree_as_ids&subtree_as_list")).Is(400);
        Assert.Equal([middle, leaf], (await admin.Get("v3/projects?name__contains=l&enabled=0"))["projects"].AsArray().Select(p => (string)p!["id"]!));
        Assert.Equal([leaf], (await admin.Get("v3/projects?tags=x,y"))["projects"].AsArray().Select(p => (string)p!["id"]!));
        Assert.Empty((await admin.Get("v3/projects?tags=x,z"))["projects"].AsArray());

        (await admin.Put($"v3/projects/{leaf}/tags/z")).Is(201);
        (await admin.Get($"v3/projects/{leaf}/tags/z")).Is(204);
        (await admin.Get($"v3/projects/{leaf}/tags/q")).Is(404);
        Assert.Equal(3, (await admin.Get($"v3/projects/{leaf}/tags"))["tags"].AsArray().Count);
        (await admin.Put($"v3/projects/{leaf}/tags", new { tags = new[] { "only" } })).Is(200);
        (await admin.Delete($"v3/projects/{leaf}/tags/only")).Is(204);
        (await admin.Delete($"v3/projects/{leaf}/tags")).Is(204);
    }

    [Theory, OnEachDatabase]
    public async Task Immutable_things_stay(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind);
        var admin = await cloud.Admin();
        var role = (string)(await admin.Get("v3/roles?name=member"))["roles"][0]!["id"]!;
        (await admin.Delete($"v3/roles/{role}")).Is(403);
        (await admin.Patch($"v3/roles/{role}", new { role = new { name = "x" } })).Is(403);
        (await admin.Patch($"v3/roles/{role}", new { role = new { options = new { immutable = false }, description = "d" } })).Is(200);
        (await admin.Delete($"v3/roles/{role}")).Is(204);
        (await admin.Delete("v3/domains/default")).Is(403);
    }

    [Theory, OnEachDatabase]
    public async Task A_domain_goes_with_all_that_is_in_it(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind);
        var admin = await cloud.Admin();
        var domain = await admin.Make("domains", "domain", new { name = "d" });
        var user = await admin.Make("users", "user", new { name = "u", domain_id = domain, password = "p" });
        var group = await admin.Make("groups", "group", new { name = "g", domain_id = domain });
        var project = await admin.Make("projects", "project", new { name = "p", domain_id = domain });
        var role = await admin.Make("roles", "role", new { name = "r", domain_id = domain });
        (await admin.Put($"v3/groups/{group}/users/{user}")).Is(204);
        (await admin.Put($"v3/projects/{project}/groups/{group}/roles/{role}")).Is(204);
        (await admin.Put($"v3/domains/{domain}/config", new { config = new { ldap = new { url = "ldap://x", password = "s" } } })).Is(201);
        Assert.DoesNotContain("\"s\"", (await admin.Get($"v3/domains/{domain}/config")).Is(200).Text, StringComparison.Ordinal);
        var inside = await cloud.Login(Auth.PasswordOf(user, "p"));
        (await admin.Delete($"v3/domains/{domain}")).Is(403);
        (await admin.Patch($"v3/domains/{domain}", new { domain = new { enabled = false } })).Is(200);
        (await inside.Get("v3/auth/projects")).Is(401);
        (await admin.Delete($"v3/domains/{domain}")).Is(204);
        foreach (var gone in (string[])[$"users/{user}", $"groups/{group}", $"projects/{project}", $"roles/{role}"]) (await admin.Get("v3/" + gone)).Is(404);
        Assert.Empty((await admin.Get($"v3/role_assignments?user.id={user}"))["role_assignments"].AsArray());
    }
}
