using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Nephos.Compute.Servers;
using Nephos.Testing;
using Xunit;

namespace Nephos.Compute.Tests.Servers;

public sealed class PersonalityTests
{
    private static object File(string path, string text) => new { path, contents = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text)) };

    [Theory, OnEachDatabase]
    public async Task Files_of_a_request_are_kept_for_the_config_drive_until_a_rebuild_brings_others(DatabaseKind kind)
    {
        await using var cloud = await TestCloud.Start(kind);
        var image = cloud.Images.Cirros.Id;
        var id = await cloud.Boot(server: new { name = "vm", imageRef = image, flavorRef = cloud.Flavor, personality = new[] { File("/etc/motd", "hello") } });
        var servers = cloud.Services.GetRequiredService<ServerTable>();
        Assert.Equal("hello", System.Text.Encoding.UTF8.GetString(Assert.Single((await servers.Find(id))!.InjectedFiles).Data));
        await cloud.Send("demo", "POST", $"/servers/{id}/action", new { rebuild = new { imageRef = image, personality = new[] { File("/etc/issue", "other") } } });
        Assert.Equal("/etc/issue", Assert.Single((await servers.Find(id))!.InjectedFiles).Path);
    }

    [Theory, OnEachDatabase]
    public async Task Number_path_and_size_of_files_are_limited(DatabaseKind kind)
    {
        await using var cloud = await TestCloud.Start(kind);
        var (image, flavor) = (cloud.Images.Cirros.Id, cloud.Flavor);
        Task<string> Refused(HttpStatusCode status, string? version, params object[] personality) =>
            cloud.Refused(status, "demo", "POST", "/servers", new { server = new { name = "vm", imageRef = image, flavorRef = flavor, personality } }, version);
        Assert.Equal("Personality file limit exceeded", await Refused(HttpStatusCode.Forbidden, null, [.. Enumerable.Range(0, 6).Select(i => File($"/{i}", ""))]));
        Assert.Equal("Personality file path exceeds maximum 255", await Refused(HttpStatusCode.Forbidden, null, File("/" + new string('x', 255), "")));
        Assert.Equal("Personality file content exceeds maximum 10240", await Refused(HttpStatusCode.Forbidden, null, File("/x", new string('x', 10241))));
        Assert.Contains("'path' is a required property", await Refused(HttpStatusCode.BadRequest, null, new { contents = "" }), StringComparison.Ordinal);
        Assert.Contains("personality", await Refused(HttpStatusCode.BadRequest, "2.57", File("/x", "")), StringComparison.Ordinal);
    }
}
