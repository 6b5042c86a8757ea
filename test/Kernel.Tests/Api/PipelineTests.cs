using System.Net;
using System.Text.Json;
using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;
using Nephos.Kernel.Api.Views;
using Nephos.Kernel.Policy;
using Xunit;

namespace Nephos.Kernel.Tests.Api;

public class PipelineTests
{
    private sealed record Thing(string Id, string ProjectId);

    private sealed record ThingView(string Id, [property: Since("2.5")] string? Color, [property: Until("2.4"), Named("colour")] string? Old, [property: OmitNull] string? Note, DateTimeOffset CreatedAt);

    private sealed class Face : ServiceFace
    {
        public override ErrorBody Render(Fault fault, Call call) => ErrorBody.Json((int)fault.Kind, new { error = new { fault.Name, fault.Message } });
    }

    private static ServiceApi Compute(CheckOrder order = CheckOrder.BodyLoadPolicy)
    {
        var api = new ServiceApi
        {
            Type = "compute", ClassicPorts = [], Face = new Face(), Order = order,
            Versions = new VersionRange(new(2, 1), new(2, 9), "compute", "X-OpenStack-Nova-API-Version"), RequestIdHeader = "x-compute-request-id",
        };
        var v2 = api.Group("/v2.1");
        v2.Get("/", call => Task.FromResult(Answer.Json(("version", call.Version.ToString())))).Public("version document");
        v2.Post("/things", call => Task.FromResult(Answer.Json(("thing", call.Body<JsonElement>("thing"))).As(202)))
            .Policy("things:create", Rule.ProjectMemberOrAdmin, "Create")
            .Body(() => SchemaHistory.Of(Schema.Object(("thing", Schema.Object(("name", Schema.Text(1, 5))).Require("name").Closed())).Require("thing").Closed()));
        var thing = v2.Member("/things/{id}", new MemberOf<Thing>(call => Task.FromResult(call["id"] == "t1" ? new Thing("t1", "p1") : null),
            call => Fault.NotFound($"Thing {call["id"]} could not be found."), t => PolicyTarget.OfProject(t.ProjectId), "things:show"));
        thing.Get("", (call, t) => Task.FromResult(Answer.Json(("thing", new ThingView(t.Id, "red", "red", null, DateTimeOffset.UnixEpoch)))))
            .Policy("things:show", Rule.ProjectReaderOrAdmin + " or role:member and project_id:%(project_id)s", "Show");
        thing.Delete("", (_, _) => Task.FromResult(Answer.Empty)).Policy("things:delete", Rule.Admin, "Delete");
        thing.Action("paint", (_, _) => Task.FromResult(Answer.Empty)).Policy("things:paint", Rule.Anyone, "Paint").Returns(202);
        thing.Action("melt", (_, _) => Task.FromResult(Answer.Empty)).Since("2.7").Policy("things:melt", Rule.Anyone, "Melt").Returns(202);
        thing.Get("/break", (_, _) => throw new InvalidOperationException("secret detail")).Policy("things:break", Rule.Anyone, "Break");
        return api;
    }

    [Theory]
    [InlineData(EndSlash.Ignored, 200, 404, 200)]
    [InlineData(EndSlash.EmptyId, 404, 200, 404)]
    [InlineData(EndSlash.OtherPath, 404, 404, 200)]
    public async Task A_slash_at_the_end_means_what_the_service_says(EndSlash meaning, int list, int one, int root)
    {
        var api = new ServiceApi { Type = "slashes", ClassicPorts = [], Face = new Face(), Order = CheckOrder.BodyLoadPolicy, EndSlash = meaning };
        foreach (var path in (string[])["/things", "/others/{id}", "/root/"]) api.Group("").Get(path, _ => Task.FromResult(Answer.Json(("ok", true)))).Public("test");
        await using var host = await ApiUnderTest.Start(api);
        async Task<int> Status(string path) => (int)(await host.Send("GET", "/slashes" + path, "p1:member")).Response.StatusCode;
        Assert.Equal((200, 200), (await Status("/things"), await Status("/others/1")));
        Assert.Equal((list, one, root), (await Status("/things/"), await Status("/others/"), await Status("/root/")));
    }

    [Theory]
    [InlineData("GET", "/compute/v2.1/things/t1")]
    [InlineData("GET", "/compute/v2.1/nowhere")]
    [InlineData("PATCH", "/compute/v2.1/things/t1")]
    [InlineData("POST", "/compute/v2.1/things/t1/action")]
    public async Task A_stranger_learns_nothing(string method, string path)
    {
        await using var api = await ApiUnderTest.Start(Compute());
        var (response, body) = await api.Send(method, path, null, method == "POST" ? "{broken" : null, ("X-OpenStack-Nova-API-Version", "9.9"));
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("""{"error":{"code":401,"title":"Unauthorized","message":"The request you have made requires authentication."}}""", body);
        Assert.StartsWith("Keystone uri=\"http://127.0.0.1:", response.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        Assert.StartsWith("req-", response.Headers.GetValues("x-compute-request-id").Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("p1:reader", "GET", "/compute/v2.1/things/t1", 200)]
    [InlineData("p1:reader", "DELETE", "/compute/v2.1/things/t1", 403)]
    [InlineData("p2:reader", "GET", "/compute/v2.1/things/t1", 404)]
    [InlineData("p2:member", "DELETE", "/compute/v2.1/things/t1", 404)]
    [InlineData("p2:member", "DELETE", "/compute/v2.1/things/t9", 404)]
    [InlineData("p2:admin", "DELETE", "/compute/v2.1/things/t1", 204)]
    [InlineData("p1:member", "GET", "/compute/v2.1/THINGS/t1", 404)]
    [InlineData("p1:member", "PUT", "/compute/v2.1/things/t1", 405)]
    [InlineData("p1:member", "GET", "/compute/v2.1//things/t1/", 200)]
    public async Task Rights_and_paths(string token, string method, string path, int status)
    {
        await using var api = await ApiUnderTest.Start(Compute());
        Assert.Equal(status, (int)(await api.Send(method, path, token)).Response.StatusCode);
        Assert.Equal(0, api.Metrics.Bugs);
    }

    [Theory]
    [InlineData(CheckOrder.LoadPolicyBody, 403)]
    [InlineData(CheckOrder.PolicyBodyLoad, 403)]
    [InlineData(CheckOrder.BodyLoadPolicy, 404)]
    public async Task The_order_of_checks_is_the_services_own(CheckOrder order, int absentForMember)
    {
        await using var api = await ApiUnderTest.Start(Compute(order));
        Assert.Equal(absentForMember, (int)(await api.Send("DELETE", "/compute/v2.1/things/absent", "p1:member")).Response.StatusCode);
        Assert.Equal(404, (int)(await api.Send("DELETE", "/compute/v2.1/things/absent", "p1:admin")).Response.StatusCode);
    }

    [Theory]
    [InlineData("""{"thing":{"name":"a"}}""", 202, "")]
    [InlineData("""{"thing":{"name":""}}""", 400, "Invalid input for field/attribute name. Value: . '' is too short")]
    [InlineData("""{"thing":{}}""", 400, "Invalid input for field/attribute thing. Value: {}. 'name' is a required property")]
    [InlineData("{", 400, "Malformed request body")]
    [InlineData("", 400, "Malformed request body")]
    [InlineData("""{"thing":{"name":99999999999999999999}}""", 400, "Malformed request body")]
    [InlineData("""{"thing":{"name":"\u0000"}}""", 400, "Malformed request body")]
    public async Task Bodies_are_checked_in_words_of_python(string body, int status, string message)
    {
        await using var api = await ApiUnderTest.Start(Compute());
        var (response, text) = await api.Send("POST", "/compute/v2.1/things", "p1:member", body);
        Assert.Equal(status, (int)response.StatusCode);
        if (message.Length > 0) Assert.Equal(message, JsonDocument.Parse(text).RootElement.GetProperty("error").GetProperty("message").GetString());
    }

    [Fact]
    public async Task A_large_or_deep_body_is_refused()
    {
        await using var api = await ApiUnderTest.Start(Compute());
        Assert.Equal(413, (int)(await api.Send("POST", "/compute/v2.1/things", "p1:member", new string(' ', 114_689))).Response.StatusCode);
        Assert.Equal(400, (int)(await api.Send("POST", "/compute/v2.1/things", "p1:member", new string('[', 100) + new string(']', 100))).Response.StatusCode);
    }

    [Theory]
    [InlineData(null, "2.1", 200)]
    [InlineData("2.4", "2.4", 200)]
    [InlineData("latest", "2.9", 200)]
    [InlineData("2.99", "2.99", 406)]
    [InlineData("two", "2.1", 400)]
    [InlineData("2.01", "2.1", 400)]
    public async Task Versions_are_negotiated(string? asked, string shown, int status)
    {
        await using var api = await ApiUnderTest.Start(Compute());
        var (response, _) = await api.Send("GET", "/compute/v2.1/things/t1", "p1:reader", null, asked is null ? [] : [("OpenStack-API-Version", $"placement 1.2, compute {asked}")]);
        Assert.Equal(status, (int)response.StatusCode);
        if (status == 400) return;
        Assert.Equal($"compute {shown}", response.Headers.GetValues("OpenStack-API-Version").Single());
        Assert.Equal(shown, response.Headers.GetValues("X-OpenStack-Nova-API-Version").Single());
    }

    [Theory]
    [InlineData("2.1", """{"thing":{"id":"t1","colour":"red","created_at":"1970-01-01T00:00:00Z"}}""")]
    [InlineData("2.5", """{"thing":{"id":"t1","color":"red","created_at":"1970-01-01T00:00:00Z"}}""")]
    public async Task Fields_come_and_go_with_versions(string version, string expected)
    {
        await using var api = await ApiUnderTest.Start(Compute());
        Assert.Equal(expected, (await api.Send("GET", "/compute/v2.1/things/t1", "p1:reader", null, ("X-OpenStack-Nova-API-Version", version))).Body);
    }

    [Theory]
    [InlineData("""{"paint":null}""", "2.1", 202, null)]
    [InlineData("""{"frob":{}}""", "2.1", 400, "There is no such action: frob")]
    [InlineData("""{"melt":null}""", "2.1", 404, "API version '2.1' is not supported on this method.")]
    [InlineData("""{"melt":null}""", "2.7", 202, null)]
    [InlineData("{}", "2.1", 400, "Malformed request body")]
    [InlineData("[]", "2.1", 400, "Malformed request body")]
    public async Task Actions_are_chosen_by_the_body(string body, string version, int status, string? message)
    {
        await using var api = await ApiUnderTest.Start(Compute());
        var (response, text) = await api.Send("POST", "/compute/v2.1/things/t1/action", "p1:member", body, ("X-OpenStack-Nova-API-Version", version));
        Assert.Equal(status, (int)response.StatusCode);
        if (message is not null) Assert.Equal(message, JsonDocument.Parse(text).RootElement.GetProperty("error").GetProperty("message").GetString());
    }

    [Fact]
    public async Task An_unexpected_failure_names_only_the_request_id()
    {
        await using var api = await ApiUnderTest.Start(Compute());
        var (response, body) = await api.Send("GET", "/compute/v2.1/things/t1/break", "p1:member");
        Assert.Equal(500, (int)response.StatusCode);
        Assert.DoesNotContain("secret", body, StringComparison.Ordinal);
        Assert.Contains(response.Headers.GetValues("X-Openstack-Request-Id").Single(), body, StringComparison.Ordinal);
        Assert.Equal(1, api.Metrics.Bugs);
    }

    [Fact]
    public void A_route_nobody_guards_refuses_the_start()
    {
        var api = new ServiceApi { Type = "x", ClassicPorts = [], Face = new Face(), Order = CheckOrder.BodyLoadPolicy };
        api.Group("").Get("/open", _ => Task.FromResult(Answer.Empty));
        Assert.Throws<InvalidOperationException>(() => api.Close(null));
    }
}
