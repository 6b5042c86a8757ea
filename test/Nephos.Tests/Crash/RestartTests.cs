using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Nephos.Drivers.Fake;
using Nephos.Link;
using Nephos.Roles;
using Nephos.State;
using Xunit;

namespace Nephos.Tests.Crash;

/// <summary>The real program ends, its host restarts, its database is lost: what its servers make of it.</summary>
public sealed class RestartTests(SeededCloud seeded) : IClassFixture<SeededCloud>
{
    [Fact]
    public async Task Killed_with_servers_running_everything_is_as_before_within_five_seconds()
    {
        await using var world = await seeded.Copy();
        await world.Start();
        foreach (var name in (string[])["one", "two", "three"]) await world.CreateServer(name);
        await world.Settled();
        var (servers, guests) = (Text(await world.Servers()), Census.Guests(world.State));
        Assert.Equal(3, guests.Count);
        Assert.All(guests.Values, g => Assert.StartsWith("Running", g, StringComparison.Ordinal));
        await world.Kill();
        Assert.Equal(guests, Census.Guests(world.State));

        await world.Start();
        await CrashWorld.Until(async () => Text(await world.Servers()) == servers, "Not as before.", seconds: 5);
        await world.Settled();
        Assert.Equal(servers, Text(await world.Servers()));
        Assert.Equal(guests, Census.Guests(world.State));
        await world.Clean();
    }

    [Fact]
    public async Task A_node_that_meets_an_empty_database_destroys_nothing()
    {
        await using var world = await seeded.Copy();
        await world.Start();
        await world.CreateServer("vm");
        await world.Settled();
        await world.Kill();
        var guests = Census.Guests(world.State);
        Directory.Delete(Path.Combine(world.State, "controller"), recursive: true);
        File.Delete(Path.Combine(world.State, "seeded"));

        await world.Start();
        await CrashWorld.Until(() => Task.FromResult(File.Exists(Path.Combine(world.State, "seeded"))), "The new cloud is not seeded.", seconds: 60);
        await world.LogIn();
        Assert.Empty(await world.Servers());
        // The node has heard all that there is once it has built something.
        await world.CreateServer("another");
        await world.Settled();
        var now = Census.Guests(world.State);
        Assert.Equal(2, now.Count);
        Assert.All(guests, g => Assert.Equal(g.Value, now[g.Key]));
    }

    [Fact]
    public async Task After_a_restart_of_the_host_the_servers_that_ran_run_again_and_the_others_do_not()
    {
        await using var world = await seeded.Copy();
        await world.Start();
        await world.CreateServer("off");
        await world.Settled();
        await world.Act("os-stop");
        await world.Settled();
        await world.CreateServer("on");
        await world.Settled();
        await world.Kill();
        using (var host = new FakeHypervisor(new FakeOptions { File = Guests(world) }, TimeProvider.System))
            foreach (var guest in await host.List(default)) host.Crash(guest.Id);

        await world.Start(bootId: "second");
        await CrashWorld.Until(async () => (await Statuses(world))["on"] == "ACTIVE" && Census.Guests(world.State).Values.Count(g => g.StartsWith("Running", StringComparison.Ordinal)) == 1, "What ran does not run again.");
        await world.Settled();
        Assert.Equal("SHUTOFF", (await Statuses(world))["off"]);
        await world.Clean();
    }

    [Fact]
    public async Task A_guest_that_powered_itself_off_is_shut_off_and_stays_so()
    {
        await using var world = await seeded.Copy();
        await world.Start();
        await world.CreateServer("vm");
        await world.Settled();
        await world.Kill();
        using (var host = new FakeHypervisor(new FakeOptions { File = Guests(world) }, TimeProvider.System))
            host.PowerOffFromInside(Assert.Single(await host.List(default)).Id);
        foreach (var _ in (int[])[1, 2])
        {
            await world.Start();
            await CrashWorld.Until(async () => (await Statuses(world))["vm"] == "SHUTOFF", "It is not shown as shut off.");
            await Task.Delay(2500, TestContext.Current.CancellationToken);
            Assert.Equal("SHUTOFF", (await Statuses(world))["vm"]);
            Assert.StartsWith("Shutdown", Assert.Single(Census.Guests(world.State).Values), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_server_deleted_while_it_is_built_goes_and_a_second_delete_starts_nothing()
    {
        await using var world = await seeded.Copy();
        await world.Start();
        foreach (var pause in (int[])[0, 30, 120, 300])
        {
            await world.CreateServer("vm");
            await Task.Delay(pause, TestContext.Current.CancellationToken);
            var path = await world.ServerPath();
            Assert.Equal(HttpStatusCode.OK, await world.StatusOf(() => world.Client.Delete(path, default)));
            Assert.Contains(await world.StatusOf(() => world.Client.Delete(path, default)), (HttpStatusCode[])[HttpStatusCode.OK, HttpStatusCode.NotFound]);
            await CrashWorld.Until(async () => await world.StatusOf(() => world.Client.Get(path, default)) == HttpStatusCode.NotFound, "The deleted server does not go.");
            Assert.Equal(HttpStatusCode.NotFound, await world.StatusOf(() => world.Client.Delete(path, default)));
            Assert.Equal(1, world.Books.Count($"compute_operations WHERE kind = 'DeleteServer' AND resource = 'server/{path.Split('/')[^1]}'"));
            await world.Clean();
        }
    }

    [Fact]
    public async Task A_delete_while_the_node_is_down_ends_in_the_controller_and_the_node_follows_when_it_is_back()
    {
        await using var world = await seeded.Copy();
        await world.Start();
        await world.CreateServer("vm");
        await world.Settled();
        await world.Kill();
        // As if it had not been heard of for a minute.
        world.Books.Execute("UPDATE compute_nodes SET seen_at = seen_at - 120000000");
        var folder = new StateFolder(world.State);
        await world.StartController(JsonSerializer.Serialize(new ControllerStart(
            new NephosOptions { State = world.State, Listen = $"127.0.0.1:{world.Port}", ClassicPorts = false, Fake = true },
            folder.CloudId, folder.Controller, folder.LinkSocket, null, null), LinkJson.Options));
        await world.DeleteServer();
        await CrashWorld.Until(async () => (await world.Servers()).Count == 0, "The server does not go without its node.");
        Assert.Single(Census.Guests(world.State));

        await world.Start();
        await world.Clean();
        Assert.Empty(Census.Guests(world.State));
    }

    private static string Guests(CrashWorld world) => Path.Combine(world.State, "node", "pretended-guests.json");

    private static string Text(IReadOnlyList<JsonObject> servers) => string.Join('\n', servers.Select(s => s.ToJsonString()));

    private static async Task<Dictionary<string, string>> Statuses(CrashWorld world) =>
        (await world.Servers()).ToDictionary(s => s["name"]!.GetValue<string>(), s => s["status"]!.GetValue<string>());
}
