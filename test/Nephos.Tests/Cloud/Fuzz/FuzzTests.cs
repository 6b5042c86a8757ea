using System.Diagnostics;
using System.Globalization;
using Nephos.Kernel.Api;
using Xunit;

namespace Nephos.Tests.Cloud.Fuzz;

/// <summary>
/// Hostile requests at every route: the answer is never an unexpected failure, is a refusal in the service's own shape, and comes soon.
/// NEPHOS_FUZZ_SEED repeats a run, NEPHOS_FUZZ_SECONDS makes it longer.
/// </summary>
public sealed class FuzzTests(CloudUnderTest cloud) : IClassFixture<CloudUnderTest>
{
    static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("compute")]
    [InlineData("identity")]
    [InlineData("image")]
    [InlineData("network")]
    [InlineData("placement")]
    public async Task No_request_makes_a_service_fail(string type)
    {
        if (cloud.Services.FirstOrDefault(s => s.Type == type) is not { } api) { Assert.Skip($"{type} is not mounted"); return; }
        var seed = Number("NEPHOS_FUZZ_SEED") ?? Random.Shared.Next();
        var random = new Random(seed);
        var requests = new Requests(random, cloud.Things);
        var limit = TimeSpan.FromSeconds(Number("NEPHOS_FUZZ_SECONDS") ?? 10);
        var findings = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var statuses = new SortedDictionary<int, int>();
        var clock = Stopwatch.StartNew();
        var sent = 0;
        while (clock.Elapsed < limit)
            foreach (var route in api.Routes.OrderBy(_ => random.Next()).ToList())
            {
                var (path, body, version) = requests.Of(api, route);
                var who = (Persona)random.Next(2, 6);
                var (bugs, began) = (cloud.Metrics.Bugs, clock.Elapsed);
                var reply = await cloud.Send(who, route.Method, path, body, version, api.Type == "image" && route.Method == "PATCH" ? "application/openstack-images-v2.1-json-patch" : "application/json");
                sent++;
                if (route.Method == "POST" && reply.Status is 201 or 202) cloud.Things.Remember(route.Pattern[(route.Pattern.LastIndexOf('/') + 1)..], reply.Body);
                statuses[reply.Status] = statuses.GetValueOrDefault(reply.Status) + 1;
                // The server itself refuses a zero byte in a path, before any service sees it.
                if (reply is { Status: 400, Body: "" } && path.Split('?')[0].Contains("%00", StringComparison.Ordinal)) continue;
                if (Wrong(api, route, reply, cloud.Metrics.Bugs - bugs, clock.Elapsed - began) is { } why)
                    findings.TryAdd($"{route.Method} {route.Pattern} {route.ActionName}: {why.Split(':')[0]}", $"  as {who}: {route.Method} {Short(path)} {version}\n  {Short(body)}\n  {reply.Status} {Short(why)}");
                if (clock.Elapsed > limit * 2) break;
            }
        TestContext.Current.SendDiagnosticMessage("{0}: {1}", type, string.Join(' ', statuses.Select(s => $"{s.Key}:{s.Value}")));
        Assert.True(findings.Count == 0, $"seed {seed}, {sent} requests ({string.Join(' ', statuses.Select(s => $"{s.Key}:{s.Value}"))}), {findings.Count} findings:\n{string.Join('\n', findings.Select(f => f.Key + "\n" + f.Value))}");
    }

    static string? Wrong(ServiceApi api, Route route, Reply reply, long bugs, TimeSpan took)
    {
        if (reply.Status >= 500 && !route.FailStatuses.Contains(reply.Status)) return $"{reply.Status}: {reply.Body}";
        if (bugs > 0) return $"undeclared {reply.Status}: {reply.Body}";
        return ErrorShape.Wrong(api.Type, route.Method, reply) ?? (took > Soon ? $"slow: {took}" : null);
    }

    static int? Number(string variable) => int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : null;

    static string Short(string? text) => text is null ? "" : text.Length > 600 ? text[..600] + "..." : text;
}
