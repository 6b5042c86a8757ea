using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Views;
using Nephos.Kernel.Limits;
using Nephos.Kernel.Policy;

namespace Nephos.Compute.KeyPairs;

internal sealed class KeyPairsApi(KeyPairTable pairs, Quotas<ComputeDb> quotas, TimeProvider time)
{
    private const string Own = "role:admin or user_id:%(user_id)s";

    public void Map(RouteGroup g)
    {
        g.Get("/os-keypairs", List).Policy("os_compute_api:os-keypairs:index", Own, "List key pairs").Target(Owner).Query(() => KeyPairSchemas.List).Fails(400);
        g.Post("/os-keypairs", Create).Policy("os_compute_api:os-keypairs:create", Own, "Create or import a key pair").Target(OwnerInBody).Body(() => KeyPairSchemas.Create).Fails(409);
        g.Get("/os-keypairs/{name}", Show).Policy("os_compute_api:os-keypairs:show", Own, "Show a key pair").Target(Owner).Query(() => KeyPairSchemas.One).Fails(404);
        g.Delete("/os-keypairs/{name}", Delete).Policy("os_compute_api:os-keypairs:delete", Own, "Delete a key pair").Target(Owner).Query(() => KeyPairSchemas.One).Fails(404);
    }

    // Administrators act for others since 2.10; before, the parameter was passed over.
    private static string User(Call call) => call.At("2.10") && call.Query["user_id"] is { Length: > 0 } user ? user : call.Caller.UserId;
    private static PolicyTarget Owner(Call call) => new() { ["user_id"] = User(call) };
    private static string UserInBody(Call call) => call.At("2.10") && call.Json.GetProperty("keypair").Text("user_id") is { Length: > 0 } user ? user : call.Caller.UserId;
    private static PolicyTarget OwnerInBody(Call call) => new() { ["user_id"] = UserInBody(call) };

    private async Task<Answer> List(Call call)
    {
        var paging = call.At("2.35") ? Paging.Of(call) : new Paging(int.MaxValue - 1, null);
        var page = await pairs.List(User(call), paging);
        return Answer.Json(("keypairs", page.Items.Select(p => new Wrapped(new KeyPairEntry(p.Name, p.PublicKey, p.Fingerprint, p.Type)))),
            ("keypairs_links", call.At("2.35") ? Link.Next(call, "os-keypairs", paging.Limit, page.Items.Count, () => page.Items[^1].Name) : null));
    }

    private async Task<Answer> Create(Call call)
    {
        var body = call.Json.GetProperty("keypair");
        var (user, name, type) = (UserInBody(call), body.GetProperty("name").GetString()!, body.Text("type") ?? "ssh");
        var material = body.Text("public_key") is { } key ? KeyMaterial.Import(type, key) : KeyMaterial.Generate(type, user, time);
        var pair = await pairs.Insert(new KeyPair(0, user, name, type, material.Fingerprint, material.PublicKey, default), await Limit(call));
        var answer = Answer.Json(("keypair", new NewKeyPair(pair.Name, pair.PublicKey, pair.Fingerprint, pair.UserId, pair.Type, material.PrivateKey)));
        return call.At("2.2") ? answer.As(201) : answer;
    }

    private async Task<int> Limit(Call call) => (int)((call.Caller.ProjectId is { } project ? await quotas.Of(project) : await quotas.OfClass("default"))["key_pairs"] is var limit && limit < 0 ? int.MaxValue : limit);

    private async Task<Answer> Show(Call call)
    {
        var (user, name) = (User(call), call["name"]);
        var pair = await pairs.Find(user, name) ?? throw Errors.KeyPairNotFound(name, user);
        return Answer.Json(("keypair", new KeyPairView(pair.Name, pair.PublicKey, pair.Fingerprint, pair.Type, pair.UserId, false, Wire.NoZone(pair.CreatedAt), null, null, pair.Id)));
    }

    private async Task<Answer> Delete(Call call)
    {
        var (user, name) = (User(call), call["name"]);
        if (!await pairs.Delete(user, name)) throw Errors.KeyPairNotFound(name, user);
        return Answer.Empty.As(call.At("2.2") ? 204 : 202);
    }

    private sealed record Wrapped(KeyPairEntry Keypair);
    private sealed record KeyPairEntry(string Name, string PublicKey, string Fingerprint, [property: Since("2.2")] string Type);
    private sealed record NewKeyPair(string Name, string PublicKey, string Fingerprint, string UserId, [property: Since("2.2")] string Type, [property: OmitNull] string? PrivateKey);
    private sealed record KeyPairView(string Name, string PublicKey, string Fingerprint, [property: Since("2.2")] string Type, string UserId, bool Deleted,
        string CreatedAt, string? DeletedAt, string? UpdatedAt, long Id);
}
