using Microsoft.Extensions.DependencyInjection;
using Nephos.Image.Cache;
using Nephos.Testing;
using Xunit;

namespace Nephos.Image.Tests;

/// <summary>Copies of data that stores elsewhere have; the tests' stores are all elsewhere.</summary>
public sealed class CacheTests
{
    private static readonly byte[] Some = [.. Enumerable.Range(0, 5000).Select(i => (byte)(i * 3))];

    private static Task Run(ImageHost host) => host.Services.GetRequiredService<CacheSync>().Run(CancellationToken.None);

    private static async Task<(string[] Cached, string[] Queued)> State(ImageHost host)
    {
        var json = (await host.Get("/v2/cache", ImageHost.Admin)).Json;
        return ([.. json["cached_images"]!.AsArray().Select(i => i!["image_id"]!.ToString())], [.. json["queued_images"]!.AsArray().Select(i => i!.ToString())]);
    }

    [Theory, OnEachDatabase]
    public async Task An_image_is_queued_cached_read_from_there_and_removed(DatabaseKind kind)
    {
        await using var host = await ImageHost.Start(kind);
        var id = await host.CreateRaw("x", Some);
        Assert.Equal(403, (await host.Send("PUT", $"/v2/cache/{id}", ImageHost.Alice)).Status);
        Assert.Equal(403, (await host.Get("/v2/cache")).Status);
        Assert.Equal(404, (await host.Send("PUT", $"/v2/cache/{Guid.NewGuid()}", ImageHost.Admin)).Status);
        Assert.Equal(400, (await host.Send("PUT", $"/v2/cache/{await host.CreateRaw("empty")}", ImageHost.Admin)).Status);
        Assert.Equal(202, (await host.Send("PUT", $"/v2/cache/{id}", ImageHost.Admin)).Status);
        await Run(host);
        Assert.Equal(([id], []), await State(host), SameLists);
        // Read from here, also when the store has lost it.
        host.Store.Data.Clear();
        Assert.Equal(Some, (await host.Get($"/v2/images/{id}/file")).Body);
        var part = await host.Send("GET", $"/v2/images/{id}/file", ImageHost.Alice, null, null, ("Range", "bytes=10-19"));
        Assert.Equal(Some[10..20], part.Body);
        var cached = (await host.Get("/v2/cache", ImageHost.Admin)).Json["cached_images"]![0]!;
        Assert.Equal((5000, 2), ((int)cached["size"]!, (int)cached["hits"]!));
        Assert.True((double)cached["last_accessed"]! >= (double)cached["last_modified"]!);
        Assert.Equal(204, (await host.Send("DELETE", $"/v2/cache/{id}", ImageHost.Admin)).Status);
        Assert.Equal(404, (await host.Send("DELETE", $"/v2/cache/{Guid.NewGuid()}", ImageHost.Admin)).Status);
        Assert.Equal(([], []), await State(host), SameLists);
        Assert.Empty((await host.Get($"/v2/images/{id}/file")).Body);
    }

    [Fact]
    public async Task An_image_stays_in_the_queue_as_long_as_the_operator_says()
    {
        var clock = new ManualTimeProvider(DateTimeOffset.UtcNow);
        await using var host = await ImageHost.Start(options: o => o with { CacheWait = TimeSpan.FromHours(1) }, services: s => s.AddSingleton<TimeProvider>(clock));
        var id = await host.CreateRaw("x", Some);
        await host.Send("PUT", $"/v2/cache/{id}", ImageHost.Admin);
        await Run(host);
        Assert.Equal(([], [id]), await State(host), SameLists);
        clock.Advance(TimeSpan.FromHours(2));
        await Run(host);
        Assert.Equal(([id], []), await State(host), SameLists);
    }

    [Theory, OnEachDatabase]
    public async Task What_is_read_is_wished_for_and_what_is_damaged_never_kept(DatabaseKind kind)
    {
        await using var host = await ImageHost.Start(kind);
        var (id, bad) = (await host.CreateRaw("x", Some), await host.CreateRaw("y", Some));
        await host.Get($"/v2/images/{id}/file");
        await Run(host);
        Assert.Equal(([id], []), await State(host), SameLists);
        host.Store.Data[Guid.Parse(bad)] = new byte[5000];
        await host.Send("PUT", $"/v2/cache/{bad}", ImageHost.Admin);
        await Run(host);
        Assert.Equal(([id], [bad]), await State(host), SameLists);
        // A deleted image takes its copy along.
        Assert.Equal(204, (await host.Send("DELETE", $"/v2/images/{id}", ImageHost.Alice)).Status);
        await host.Settled(id);
        Assert.Equal(([], [bad]), await State(host), SameLists);
    }

    [Fact]
    public async Task The_longest_unread_go_beyond_the_limit_and_the_rest_when_somebody_says_so()
    {
        await using var host = await ImageHost.Start(options: o => o with { CacheBytes = 12000 });
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            ids.Add(await host.CreateRaw($"x{i}", Some));
            if (i == 2) await host.Get($"/v2/images/{ids[0]}/file");
            await host.Send("PUT", $"/v2/cache/{ids[i]}", ImageHost.Admin);
            await Run(host);
        }
        Assert.Equal(([ids[0], ids[2]], []), await State(host), SameLists);
        Assert.Equal("""{"total_files_pruned":0,"total_bytes_pruned":0}""", (await host.Send("POST", "/v2/cache/prune", ImageHost.Admin)).Text);
        Assert.Equal(204, (await host.Send("POST", "/v2/cache/clean", ImageHost.Admin)).Status);
        Assert.Equal(400, (await host.Send("DELETE", "/v2/cache", ImageHost.Admin, null, null, ("x-image-cache-clear-target", "all"))).Status);
        Assert.Equal(204, (await host.Send("DELETE", "/v2/cache", ImageHost.Admin, null, null, ("x-image-cache-clear-target", "queue"))).Status);
        Assert.Equal(2, (await State(host)).Cached.Length);
        Assert.Equal(204, (await host.Send("DELETE", "/v2/cache", ImageHost.Admin)).Status);
        Assert.Equal(([], []), await State(host), SameLists);
    }

    private static bool SameLists((string[] Cached, string[] Queued) a, (string[] Cached, string[] Queued) b) => a.Cached.Order().SequenceEqual(b.Cached.Order()) && a.Queued.SequenceEqual(b.Queued);
}
