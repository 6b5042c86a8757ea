using System.Net;
using Nephos.Testing;
using Xunit;

namespace Nephos.Compute.Tests.Servers;

public sealed class SnapshotTests
{
    [Theory, OnEachDatabase]
    public async Task The_image_is_there_when_its_id_is_told(DatabaseKind kind)
    {
        await using var cloud = await TestCloud.Start(kind);
        var server = await cloud.Boot();
        // A locked server's disk may be copied: nothing of the server changes.
        await cloud.Send("demo", "POST", $"/servers/{server}/action", new Dictionary<string, object?> { ["lock"] = null });
        var image = Guid.Parse((await cloud.Send("demo", "POST", $"/servers/{server}/action", new { createImage = new { name = "copy", metadata = new { image_type = "mine" } } }, version: "2.45"))["image_id"].Text);
        Assert.Equal(("copy", "mine", server.ToString()), (cloud.Images.All[image].Name, cloud.Images.All[image].Properties["image_type"], cloud.Images.All[image].Properties["instance_uuid"]));
        await cloud.Until(server, "ACTIVE");
        using var old = await cloud.Try("demo", "POST", $"/servers/{server}/action", new { createImage = new { name = "copy" } });
        Assert.Contains(Guid.Parse(old.Headers.Location!.ToString().Split('/')[^1]), cloud.Images.All.Keys);
        await cloud.Until(server, "ACTIVE");
        cloud.Images.Refuse = true;
        Assert.Equal("The limit is reached.", await cloud.Refused(HttpStatusCode.RequestEntityTooLarge, "demo", "POST", $"/servers/{server}/action", new { createImage = new { name = "copy" } }));
        await cloud.Until(server, "ACTIVE");
        await cloud.Refused(HttpStatusCode.NotFound, "other", "POST", $"/servers/{server}/action", new { createImage = new { name = "copy" } });
    }

    [Theory, OnEachDatabase]
    public async Task Of_backups_the_newest_of_their_type_stay(DatabaseKind kind)
    {
        await using var cloud = await TestCloud.Start(kind);
        var server = await cloud.Boot();
        var before = cloud.Images.All.Count;
        async Task<Guid> Backup(string type, int rotation)
        {
            var id = (await cloud.Send("demo", "POST", $"/servers/{server}/action", new { createBackup = new { name = "b", backup_type = type, rotation } }, version: "2.45"))["image_id"].Text;
            await cloud.Until(server, "ACTIVE");
            return Guid.Parse(id);
        }
        var (first, weekly, second, third) = (await Backup("daily", 2), await Backup("weekly", 1), await Backup("daily", 2), await Backup("daily", 2));
        Assert.DoesNotContain(first, cloud.Images.All.Keys);
        foreach (var kept in (Guid[])[weekly, second, third]) Assert.Equal("backup", cloud.Images.All[kept].Properties["image_type"]);
        await Backup("daily", 0);
        Assert.Equal(before + 1, cloud.Images.All.Count);

        using var old = await cloud.Try("demo", "POST", $"/servers/{server}/action", new { createBackup = new { name = "b", backup_type = "daily", rotation = "1" } });
        Assert.Contains("/compute/v2.1/images/", old.Headers.Location!.ToString(), StringComparison.Ordinal);
        await cloud.Until(server, "ACTIVE");
        await cloud.Refused(HttpStatusCode.BadRequest, "demo", "POST", $"/servers/{server}/action", new { createBackup = new { name = "b", backup_type = "daily", rotation = -1 } });
        await cloud.Refused(HttpStatusCode.Forbidden, "reader", "POST", $"/servers/{server}/action", new { createBackup = new { name = "b", backup_type = "daily", rotation = 1 } });
    }
}
