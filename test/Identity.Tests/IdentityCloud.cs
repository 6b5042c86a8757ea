using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Data;
using Nephos.Testing;

namespace Nephos.Identity.Tests;

/// <summary>Identity alone behind Kestrel on a free port, with an administrator and a small catalog.</summary>
internal sealed class IdentityCloud : IAsyncDisposable
{
    public const string AdminPassword = "open sesame";
    private readonly WebApplication _app;
    private readonly TestDatabase _database;

    private readonly bool _owns;

    private IdentityCloud(WebApplication app, TestDatabase database, bool owns) => (_app, _database, _owns, Http) = (app, database, owns, new HttpClient { BaseAddress = new Uri(app.Urls.First() + "/identity/") });

    public HttpClient Http { get; }
    public IServiceProvider Services => _app.Services;
    public string Root => _app.Urls.First();

    public static async Task<IdentityCloud> Start(DatabaseKind kind, TimeProvider? time = null, Func<IdentityOptions, IdentityOptions>? change = null) =>
        await Start(await TestDatabase.Create(kind, time), time, change, owns: true);

    /// <summary>A second controller over the same database.</summary>
    public Task<IdentityCloud> Sister() => Start(_database, null, null, owns: false);

    private static async Task<IdentityCloud> Start(TestDatabase database, TimeProvider? time, Func<IdentityOptions, IdentityOptions>? change, bool owns)
    {
        var options = new IdentityOptions { StateKey = new Secret("a key for tests"), PasswordIterations = 1000 };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(owns ? database.Database : Database.Open(database.Options)).AddSingleton(time ?? TimeProvider.System)
            .AddApi(new ApiOptions { Strict = true })
            .AddIdentity(change?.Invoke(options) ?? options);
        var app = builder.Build();
        await app.Services.MigrateAll();
        app.Services.MapIdentity();
        var gateway = app.Services.GetRequiredService<Gateway>();
        app.Run(gateway.Handle);
        await app.Services.GetRequiredService<IIdentityBootstrap>().Bootstrap(new(new Secret(AdminPassword), "RegionOne",
        [
            new("identity", "keystone", "$(public_url)s/identity"), new("compute", "nova", "$(public_url)s/compute/v2.1"), new("volumev3", "cinderv3", "$(public_url)s/volume/v3/$(project_id)s"),
        ]), CancellationToken.None);
        await app.StartAsync();
        return new(app, database, owns);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        var bugs = _app.Services.GetRequiredService<ApiMetrics>().Bugs;
        await _app.DisposeAsync();
        if (_owns) await _database.DisposeAsync();
        // An exception, or a failure status that its route does not declare.
        Xunit.Assert.Equal(0, bugs);
    }
}
