using System.Text.Json.Nodes;
using Nephos.Client;
using Nephos.State;
using Nephos.Testing;
using Nephos.Tests.Crash;
using Npgsql;
using Xunit;

namespace Nephos.Tests;

/// <summary>The whole program on PostgreSQL, as it is started from the command line.</summary>
public sealed class PostgresTests : IDisposable
{
    // The test's server lets everybody in; the program cannot know.
    const string Password = "do-not-show-me";
    readonly TempFolder temp = new();
    readonly string url = $"http://127.0.0.1:{FreePort.Next()}";

    StateFolder Folder => new(temp["state"]);

    public void Dispose()
    {
        if (Directory.Exists(Folder.Run)) Directory.Delete(Folder.Run, recursive: true);
        temp.Dispose();
    }

    [Fact]
    public async Task A_cloud_survives_a_kill_and_shows_its_password_nowhere()
    {
        Assert.SkipWhen(PostgresCluster.Missing is not null, PostgresCluster.Missing ?? "");
        var database = await NewDatabase();
        await using (var first = await Up(["--database", database]))
        {
            await CrashWorld.Until(() => Task.FromResult(File.Exists(Folder.SeededMark)), "The cloud is not seeded.", seconds: 60);
            using var cloud = await LogIn();
            await cloud.Post("compute/v2.1/servers", new JsonObject { ["server"] = new JsonObject { ["name"] = "vm", ["flavorRef"] = "84", ["imageRef"] = await Id(cloud, "image/v2/images?name=guest", "images"), ["networks"] = "auto" } }, default);
            await CrashWorld.Until(IsActive, "The server does not become ACTIVE.", seconds: 60);
            Assert.DoesNotContain(Password, await File.ReadAllTextAsync($"/proc/{first.Id}/cmdline"), StringComparison.Ordinal);
        }
        // By the variable as well.
        await using (var second = await Up([], new() { ["NEPHOS_DATABASE"] = database })) Assert.True(await IsActive());
        foreach (var file in Directory.EnumerateFiles(Folder.Path, "*", SearchOption.AllDirectories)) Assert.DoesNotContain(Password, await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        Assert.Contains("postgresql://test@localhost/", await File.ReadAllTextAsync(Folder.OptionsFile), StringComparison.Ordinal);

        await Refused("is empty, but the cloud", []);
        await Refused("is empty, but the cloud", ["--database", await NewDatabase()]);
        await Refused("cannot be used: 3D000: database \"not-", ["--database", database.Replace("localhost/", "localhost/not-", StringComparison.Ordinal)]);
        await Refused("cannot be used: Failed to connect", ["--database", $"postgresql:///test?host={temp.Path}&user=test"]);
        using var other = new TempFolder();
        await Refused($"holds the cloud {Folder.CloudId}, and this folder belongs", ["--database", database, "--state", other["state"]]);
        Directory.Delete(new StateFolder(other["state"]).Run, recursive: true);
    }

    async Task<bool> IsActive()
    {
        using var cloud = await LogIn();
        return (await cloud.Get("compute/v2.1/servers/detail", default))["servers"]![0]!["status"]!.GetValue<string>() == "ACTIVE";
    }

    async Task<CloudClient> LogIn()
    {
        var cloud = new CloudClient(new HttpClient { BaseAddress = new Uri(url + "/") });
        await cloud.LogIn("demo", Seed.Credentials.Existing(Folder)!.Demo.Reveal(), "demo", default);
        return cloud;
    }

    async Task Refused(string says, string[] arguments)
    {
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => Up(arguments));
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("unexpected", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, refusal.Message, StringComparison.Ordinal);
    }

    Task<NephosProcess> Up(string[] arguments, Dictionary<string, string>? environment = null) =>
        NephosProcess.Start(["up", "--fake", "--no-classic-ports", "--listen", new Uri(url).Authority, .. arguments.Contains("--state") ? [] : (string[])["--state", Folder.Path], .. arguments], url, environment ?? []);

    static async Task<string> Id(CloudClient cloud, string path, string list) => (await cloud.Find(path, list, _ => true, default))!["id"]!.GetValue<string>();

    /// <summary>The URL of a new, empty database.</summary>
    static async Task<string> NewDatabase()
    {
        var made = new NpgsqlConnectionStringBuilder(await PostgresCluster.NewDatabase());
        return $"postgresql://{made.Username}:{Password}@localhost/{made.Database}?host={made.Host}";
    }
}
