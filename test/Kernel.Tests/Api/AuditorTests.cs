using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Audit;
using Nephos.Kernel.Policy;
using Xunit;

namespace Nephos.Kernel.Tests.Api;

/// <summary>What a request is called in the audit, by what its route and its path say.</summary>
public sealed class AuditorTests
{
    private sealed class Trail : IAuditTrail
    {
        public List<AuditEvent> Events { get; } = [];

        public Task Record(AuditEvent happened)
        {
            lock (Events) Events.Add(happened);
            return Task.CompletedTask;
        }

        public Task<IReadOnlyList<AuditEvent>> Find(AuditQuery asked, CancellationToken ct) => throw new NotSupportedException();
    }

    private sealed class Face : ServiceFace
    {
        public override ErrorBody Render(Fault fault, Call call) => ErrorBody.Json((int)fault.Kind, new { fault.Message });
    }

    private sealed record Made(string Id);

    private static ServiceApi Compute()
    {
        var api = new ServiceApi
        {
            Type = "compute", ClassicPorts = [], Face = new Face(), Order = CheckOrder.BodyLoadPolicy,
            AuditKinds = new Dictionary<string, string> { ["keys"] = "data/security/key" },
            SegmentsInLogs = segments => segments is ["v2.1", "hidden", _] ? ["v2.1", "hidden", "***"] : segments,
        };
        var v2 = api.Group("/v2.1");
        Route Open(Route route) => route.Policy("any", Rule.Anyone, "Any").Fails(404);
        Handler empty = _ => Task.FromResult(Answer.Empty);
        Open(v2.Get("/servers", empty));
        Open(v2.Post("/servers", _ => Task.FromResult(Answer.Json(("server", new Made("s9")))))).Returns(202);
        Open(v2.Put("/servers/{id}", empty));
        Open(v2.Delete("/servers/{id}", _ => throw Fault.NotFound("gone")));
        Open(v2.Post("/servers/{id}", empty));
        Open(v2.Post("/servers/{id}/cards", _ => Task.FromResult(Answer.Empty.With("Location", "http://x/cards/c1"))));
        Open(v2.Delete("/servers/{id}/cards/{card}", empty));
        Open(v2.Put("/keys/{*name}", empty));
        Open(v2.Put("/keys/{name}/parts", empty));
        Open(v2.Delete("/hidden/{token}", empty));
        Open(v2.Action("/servers/{id}/action", "reboot", empty));
        Open(v2.Put("/servers/{id}/freeze", empty)).Audited("update/freeze", "service/compute/servers");
        v2.Post("/login", call =>
        {
            call.Initiator = new Initiator("u7", "name", "d");
            call.TargetIds = ["u7"];
            throw new Fault(FaultKind.Unauthenticated, "Unauthorized", "no");
        }).Public("test").Audited("authenticate", "service/security/account/user").Fails(401);
        v2.Post("/locked", empty).Policy("none", Rule.Admin, "None");
        return api;
    }

    [Theory]
    [InlineData("POST", "servers", "create", "service/compute/servers", "s9", null, 202)]
    [InlineData("PUT", "servers/s1", "update", "service/compute/servers", "s1", null, 200)]
    [InlineData("DELETE", "servers/s1", "delete", "service/compute/servers", "s1", null, 404)]
    [InlineData("POST", "servers/s1", "update", "service/compute/servers", "s1", null, 200)]
    [InlineData("POST", "servers/s1/cards", "create", "service/compute/servers/cards", "c1", "s1", 200)]
    [InlineData("DELETE", "servers/s1/cards/c1", "delete", "service/compute/servers/cards", "c1", "s1", 204)]
    [InlineData("PUT", "keys/a/b", "update", "data/security/key", "a/b", null, 200)]
    [InlineData("PUT", "keys/a/parts", "update", "data/security/key/parts", "a", null, 200)]
    [InlineData("DELETE", "hidden/t0ken", "delete", "service/compute/hidden", "***", null, 204)]
    [InlineData("POST", "servers/s1/action", "update/reboot", "service/compute/servers", "s1", null, 200, """{"reboot":{}}""")]
    [InlineData("POST", "servers/s1/action", "update", "service/compute/servers", "s1", null, 400, """{"melt":{}}""")]
    [InlineData("PUT", "servers/s1/freeze", "update/freeze", "service/compute/servers", "s1", null, 200)]
    [InlineData("POST", "login", "authenticate", "service/security/account/user", "u7", null, 401)]
    [InlineData("POST", "locked", "create", "service/compute/locked", null, null, 403)]
    [InlineData("POST", "nowhere/x", "update", "service/compute", null, null, 404)]
    public async Task A_request_has_the_words_of_its_route(string method, string path, string action, string kind, string? target, string? container, int status, string? body = null)
    {
        var trail = new Trail();
        await using var host = await ApiUnderTest.Start(trail, Compute());
        Assert.Equal(status, (int)(await host.Send(method, "/compute/v2.1/" + path, "p1:member", body)).Response.StatusCode);
        var e = Assert.Single(trail.Events);
        Assert.Equal((action, kind, target, container, (long)status), (e.Action, e.TargetKind, e.TargetId, e.ContainerId, e.Status));
        Assert.Equal(path == "login" ? "u7" : "u-p1", e.UserId);
        Assert.Equal(path == "login" ? "u-p1" : null, e.ServiceUserId);
        Assert.Equal(path.StartsWith("nowhere", StringComparison.Ordinal) ? null : path.StartsWith("hidden", StringComparison.Ordinal) ? "/v2.1/hidden/***" : "/v2.1/" + path, e.Path);
    }

    [Fact]
    public async Task Reading_is_kept_only_when_it_is_refused()
    {
        var trail = new Trail();
        await using var host = await ApiUnderTest.Start(trail, Compute());
        await host.Send("GET", "/compute/v2.1/servers", "p1:member");
        await host.Send("GET", "/compute/v2.1/nowhere", "p1:member");
        Assert.Empty(trail.Events);
        await host.Send("GET", "/compute/v2.1/servers");
        await host.Send("DELETE", "/compute/v2.1/servers/s1", null, null, ("User-Agent", new string('x', 500)));
        Assert.Equal([("read", 401L, null), ("delete", 401L, null)], trail.Events.Select(e => (e.Action, e.Status, e.UserId)));
        Assert.Equal(255, trail.Events[1].Agent!.Length);
    }

    [Fact]
    public async Task A_flood_of_strangers_is_kept_in_part_and_those_who_are_known_whole()
    {
        var trail = new Trail();
        await using var host = await ApiUnderTest.Start(trail, Compute());
        const int Flood = 3 * Auditor.Strangers;
        for (var i = 0; i < Flood; i++) await host.Send("DELETE", "/compute/v2.1/servers/s1");
        Assert.InRange(trail.Events.Count, Auditor.Strangers, 2 * Auditor.Strangers);
        trail.Events.Clear();
        for (var i = 0; i < 10; i++) await host.Send("POST", "/compute/v2.1/locked", "p1:member");
        Assert.Equal(10, trail.Events.Count);
    }

    [Fact]
    public async Task What_a_client_writes_into_a_path_spoils_no_row()
    {
        var trail = new Trail();
        await using var host = await ApiUnderTest.Start(trail, Compute());
        await host.Send("PUT", "/compute/v2.1/servers/a%01b%0A" + new string('y', 3000), "p1:member");
        var e = Assert.Single(trail.Events);
        Assert.Equal("a\ufffdb\ufffd" + new string('y', 251), e.TargetId);
        Assert.Equal(1024, e.Path!.Length);
    }
}
