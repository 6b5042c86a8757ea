using Nephos.Image.Images;
using Nephos.Kernel.Settings;
using Xunit;

namespace Nephos.Image.Tests;

/// <summary>Properties that only some may create, see, change or remove.</summary>
public sealed class PropertyProtectionTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    private Task<ImageHost> Host(string rules, string format = "roles")
    {
        File.WriteAllText(_file, rules);
        return ImageHost.Start(options: o => o with { ProtectionFile = _file, ProtectionFormat = format });
    }

    private static Task<Reply> Patch(ImageHost host, string id, object change, string who) => host.Send("PATCH", $"/v2/images/{id}", who, new[] { change }, ImagePatch.Draft10);

    [Fact]
    public async Task Roles_decide_by_the_first_rule_that_finds_the_name()
    {
        await using var host = await Host("""
            [^secret_]
            create = admin
            read = admin
            update = admin
            delete = admin
            [^fixed]
            create = member
            read = @
            update = !
            delete = admin,member
            [.*]
            create = @
            read = @
            update = @
            delete = @
            """);
        Assert.Equal(403, (await host.Send("POST", "/v2/images", ImageHost.Alice, new { secret_a = "1" })).Status);
        var id = await host.Create(new { name = "x", fixed_a = "1", free = "1" });
        Assert.Equal(200, (await Patch(host, id, new { op = "add", path = "/secret_a", value = "s" }, ImageHost.Admin)).Status);
        Assert.Equal("s", (await host.Get($"/v2/images/{id}", ImageHost.Admin))["secret_a"]);
        Assert.Null((await host.Get($"/v2/images/{id}"))["secret_a"]);
        Assert.Null((await host.Get("/v2/images")).Json["images"]![0]!["secret_a"]);
        // What one may not see is not there.
        Assert.Equal(409, (await Patch(host, id, new { op = "replace", path = "/secret_a", value = "2" }, ImageHost.Alice)).Status);
        Assert.Equal(409, (await Patch(host, id, new { op = "remove", path = "/secret_a" }, ImageHost.Alice)).Status);
        Assert.Equal(403, (await Patch(host, id, new { op = "add", path = "/secret_a", value = "2" }, ImageHost.Alice)).Status);
        var refused = await Patch(host, id, new { op = "replace", path = "/fixed_a", value = "2" }, ImageHost.Admin);
        Assert.Equal(403, refused.Status);
        Assert.Contains("Attribute 'fixed_a' is reserved.".Replace("'", "&#39;", StringComparison.Ordinal), refused.Text, StringComparison.Ordinal);
        Assert.Equal(200, (await Patch(host, id, new { op = "remove", path = "/fixed_a" }, ImageHost.Alice)).Status);
        Assert.Equal("2", (await Patch(host, id, new { op = "replace", path = "/free", value = "2" }, ImageHost.Alice))["free"]);
        Assert.Equal(200, (await Patch(host, id, new { op = "replace", path = "/name", value = "y" }, ImageHost.Alice)).Status);
        Assert.Equal("s", (await host.Get($"/v2/images/{id}", ImageHost.Admin))["secret_a"]);
    }

    [Fact]
    public async Task Rules_decide_where_the_file_names_them()
    {
        await using var host = await Host("[^x_]\ncreate = context_is_admin\nread = @\nupdate = nobody_knows_it\ndelete = !\n", "policies");
        Assert.Equal(403, (await host.Send("POST", "/v2/images", ImageHost.Alice, new { x_a = "1" })).Status);
        var id = await host.Create(new { x_a = "1" }, token: ImageHost.Admin);
        Assert.Equal(403, (await Patch(host, id, new { op = "replace", path = "/x_a", value = "2" }, ImageHost.Admin)).Status);
        // What no rule finds is nobody's.
        Assert.Equal(403, (await host.Send("POST", "/v2/images", ImageHost.Admin, new { other = "1" })).Status);
    }

    [Theory]
    [InlineData("[a]\ncreate = x", "does not say who may read")]
    [InlineData("[a\\]\ncreate = x\nread = x\nupdate = x\ndelete = x", "is no regular expression")]
    [InlineData("[a]\ncreate = @,!\nread = x\nupdate = x\ndelete = x", "everybody and nobody")]
    [InlineData("[a]\ncreate = x\nread = x\nupdate = x\ndelete = x\nsell = x", "sell is none of")]
    public async Task What_cannot_be_is_refused_at_the_start(string rules, string why) =>
        Assert.Contains(why, (await Assert.ThrowsAsync<SettingRefused>(() => Host(rules))).Message, StringComparison.Ordinal);
}
