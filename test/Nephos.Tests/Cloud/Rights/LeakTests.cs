using System.Text.RegularExpressions;
using Xunit;

namespace Nephos.Tests.Cloud.Rights;

public sealed class LeakTests(CloudUnderTest cloud) : LeakChecks(cloud), IClassFixture<CloudUnderTest>;

/// <summary>The same where deprecated rules count too.</summary>
public sealed class LegacyLeakTests(LegacyCloud cloud) : LeakChecks(cloud), IClassFixture<LegacyCloud>;

/// <summary>A member of project B learns nothing about the things of project A: every answer is the one a random id would get.</summary>
public abstract partial class LeakChecks(CloudUnderTest cloud)
{
    [Theory]
    [InlineData("compute")]
    [InlineData("identity")]
    [InlineData("image")]
    [InlineData("network")]
    [InlineData("placement")]
    public async Task Ids_of_others_are_like_ids_of_nothing(string type)
    {
        if (cloud.Services.FirstOrDefault(s => s.Type == type) is not { } api) { Assert.Skip($"{type} is not mounted"); return; }
        var exceptions = UpstreamRules.Exceptions("leak", type);
        var requests = new RouteRequests(cloud.Things);
        var leaks = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var route in api.Routes.Where(r => r.PolicyName is not null))
            foreach (var (collection, id) in cloud.Things.Ids.Where(t => cloud.Things.Own.Contains(t.Value) && route.Pattern.Contains($"/{t.Key}/{{", StringComparison.Ordinal)))
            {
                var nothing = id.Contains('-', StringComparison.Ordinal) ? Guid.NewGuid().ToString() : Guid.NewGuid().ToString("N")[..Math.Min(32, id.Length)];
                var (body, version) = (requests.Body(api, route), RouteRequests.Version(api, route));
                var theirs = await cloud.Send(Persona.Other, route.Method, requests.Path(api, route, c => c == collection ? id : null).Path, body, version);
                var none = await cloud.Send(Persona.Other, route.Method, requests.Path(api, route, c => c == collection ? nothing : null).Path, body, version);
                var (a, b) = (Plain(theirs, id), Plain(none, nothing));
                if (a != b) leaks.TryAdd($"{route.Method} {route.Pattern} {route.ActionName}".TrimEnd(), $"{a} instead of {b}");
            }
        var surprising = leaks.Where(l => !exceptions.ContainsKey(l.Key)).Select(l => $"{l.Key}: {l.Value}").ToList();
        Assert.True(surprising.Count == 0, $"{surprising.Count} answers tell project B that something exists:\n{string.Join('\n', surprising)}");
    }

    static string Plain(Reply reply, string id) => $"{reply.Status} {RequestId().Replace(reply.Body.Replace(id, "ID", StringComparison.Ordinal), "req")}";

    [GeneratedRegex("req-[0-9a-f-]{36}")]
    private static partial Regex RequestId();
}
