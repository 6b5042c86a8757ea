namespace Nephos.Identity.Tests;

/// <summary>Bodies that ask for tokens, and clients with them.</summary>
internal static class Auth
{
    public static object Body(object identity, object? scope = null) => scope is null
        ? new Dictionary<string, object> { ["auth"] = new Dictionary<string, object> { ["identity"] = identity } }
        : new Dictionary<string, object> { ["auth"] = new Dictionary<string, object> { ["identity"] = identity, ["scope"] = scope } };

    public static object Password(string user, string password, string domain = "default") =>
        new { methods = new[] { "password" }, password = new { user = new { name = user, password, domain = new { id = domain } } } };

    public static object PasswordOf(string userId, string password) => new { methods = new[] { "password" }, password = new { user = new { id = userId, password } } };

    public static object ByToken(string id) => new { methods = new[] { "token" }, token = new { id } };

    public static object Project(string id) => new { project = new { id } };
    public static object Domain(string id) => new { domain = new { id } };
    public static object System { get; } = new { system = new { all = true } };

    public static Client Nobody(this IdentityCloud cloud) => new(cloud, null);

    public static async Task<Client> Login(this IdentityCloud cloud, object identity, object? scope = null)
    {
        var reply = (await cloud.Nobody().Post("v3/auth/tokens", Body(identity, scope))).Is(201);
        return new(cloud, reply.Header("X-Subject-Token"));
    }

    public static Task<Client> Admin(this IdentityCloud cloud) =>
        cloud.Login(Password("admin", IdentityCloud.AdminPassword), new { project = new { name = "admin", domain = new { id = "default" } } });
}
