using Nephos.Contracts;

namespace Nephos.Compute.Tests.Fakes;

/// <summary>Tokens are names of people.</summary>
internal sealed class FakeTokens : ITokens
{
    public const string DemoProject = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    public const string OtherProject = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    public const string AdminProject = "cccccccccccccccccccccccccccccccc";

    public ValueTask<Caller?> Validate(string token, CancellationToken ct) => new(token switch
    {
        "admin" => Make("admin", AdminProject, "admin", "manager", "member", "reader"),
        "demo" => Make("demo", DemoProject, "member", "reader"),
        "reader" => Make("reader", DemoProject, "reader"),
        "other" => Make("other", OtherProject, "member", "reader"),
        _ => null,
    });

    private static Caller Make(string name, string project, params string[] roles) => new()
    {
        UserId = name.PadRight(32, '0'), UserName = name, UserDomainId = "default", ProjectId = project, ProjectName = name, ProjectDomainId = "default",
        Roles = roles, ExpiresAt = DateTimeOffset.MaxValue,
    };
}

internal sealed class FakeIdentity : IIdentity
{
    public Task<IReadOnlyList<ProjectFacts>> Projects(IReadOnlyList<string> ids, CancellationToken ct) => Task.FromResult<IReadOnlyList<ProjectFacts>>(
        [.. ids.Where(i => i is FakeTokens.DemoProject or FakeTokens.OtherProject or FakeTokens.AdminProject).Select(i => new ProjectFacts(i, i, "default", true))]);

    public Task<IReadOnlyList<UserFacts>> Users(IReadOnlyList<string> ids, CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<UserFacts>>([.. ids.Select(i => new UserFacts(i, i, "default", true))]);

    public Task<string?> Endpoint(string serviceType, string region, string face, CancellationToken ct) => Task.FromResult<string?>(null);

    public Task<IReadOnlyDictionary<string, long>> Limits(string serviceType, string project, CancellationToken ct) =>
        Task.FromResult<IReadOnlyDictionary<string, long>>(new Dictionary<string, long>());
}
