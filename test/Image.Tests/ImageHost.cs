using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Files;
using Nephos.Drivers.ImageTools;
using Nephos.Image.Data;
using Nephos.Kernel.Api;
using Nephos.Kernel.Data;
using Nephos.Kernel.Operations;
using Nephos.Testing;

namespace Nephos.Image.Tests;

/// <summary>The image service on a port of its own, over an empty database.</summary>
internal sealed class ImageHost : IAsyncDisposable
{
    public const string Admin = "root:admin,member,reader", Alice = "alice:member,reader", Bob = "bob:member,reader", Reader = "alice:reader";

    private readonly TestDatabase _database;
    private readonly WebApplication _app;
    private readonly HttpClient _http;

    private readonly string _folder;

    private ImageHost(TestDatabase database, WebApplication app, string folder, MemoryStore store, MemoryStore other)
    {
        (_database, _app, _folder, Store, Other) = (database, app, folder, store, other);
        _http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    /// <summary>The default store, <c>file</c>.</summary>
    public MemoryStore Store { get; }

    /// <summary>The second one, <c>other</c>.</summary>
    public MemoryStore Other { get; }

    /// <summary>Names of files that wait in the staging area.</summary>
    public IEnumerable<string> Staged => Directory.EnumerateFiles(_folder).Select(f => Path.GetFileName(f));
    public IServiceProvider Services => _app.Services;
    public FakeIdentity Identity => Services.GetRequiredService<FakeIdentity>();
    public IImages Images => Services.GetRequiredService<IImages>();
    public ImageDb Db => Services.GetRequiredService<ImageDb>();
    public string Url => _app.Urls.First();

    public static async Task<ImageHost> Start(DatabaseKind kind = DatabaseKind.Sqlite, Func<ImageOptions, ImageOptions>? options = null, Action<IServiceCollection>? services = null)
    {
        var database = await TestDatabase.Create(kind);
        var (store, other) = (new MemoryStore(), new MemoryStore());
        var folder = Directory.CreateTempSubdirectory("nephos-images-").FullName;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => { k.Listen(IPAddress.Loopback, 0); k.Limits.MaxRequestBodySize = null; });
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(database.Database).AddSingleton(TimeProvider.System);
        builder.Services.AddApi(new ApiOptions { Strict = true });
        builder.Services.AddSingleton<ITokens, FakeTokens>().AddSingleton<IImageTools, PretendedImageTools>().AddSingleton<ICertificateStore>(new FolderCertificates(folder))
            .AddSingleton(new NamedStore("file", store)).AddSingleton(new NamedStore("other", other, "The second one"))
            .AddSingleton(options is null ? new ImageOptions { Staging = folder } : options(new ImageOptions { Staging = folder }));
        builder.Services.AddSingleton<FakeIdentity>().AddSingleton<IIdentity>(s => s.GetRequiredService<FakeIdentity>());
        services?.Invoke(builder.Services);
        builder.Services.AddImage();
        var app = builder.Build();
        await app.Services.MigrateAll();
        app.Services.MapImage();
        app.Run(app.Services.GetRequiredService<Gateway>().Handle);
        await app.StartAsync();
        return new ImageHost(database, app, folder, store, other);
    }

    public async Task<Reply> Send(string method, string path, string? token, object? body = null, string? type = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "image" + path);
        if (token is not null) request.Headers.Add("X-Auth-Token", token);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        if (body is byte[] bytes) request.Content = new ByteArrayContent(bytes);
        else if (body is not null) request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8);
        if (request.Content is { } content) content.Headers.ContentType = MediaTypeHeaderValue.Parse(type ?? (body is byte[]? "application/octet-stream" : "application/json"));
        using var response = await _http.SendAsync(request);
        var all = response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase);
        return new Reply((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(), all);
    }

    /// <summary>From now on nobody runs operations here.</summary>
    public Task StopOperations() => Services.GetRequiredService<OperationsRunner<ImageDb>>().StopAsync(CancellationToken.None);

    /// <summary>Waits until no operation is about an image any more.</summary>
    public async Task Settled(string image)
    {
        var operations = Services.GetRequiredService<Operations<ImageDb>>();
        for (var i = 0; i < 12_000 && await operations.IsLive($"image/{image}", parts: true); i++) await Task.Delay(10);
        if (await operations.IsLive($"image/{image}")) throw new TimeoutException($"Something is still done to image {image}.");
    }

    public Task<Reply> Get(string path, string token = Alice) => Send("GET", path, token);

    /// <summary>Makes an image; with data it is active.</summary>
    public async Task<string> Create(object body, byte[]? data = null, string token = Alice)
    {
        var made = await Send("POST", "/v2/images", token, body);
        if (made.Status != 201) throw new InvalidOperationException(made.Text);
        var id = made.Json["id"]!.GetValue<string>();
        if (data is null) return id;
        var put = await Send("PUT", $"/v2/images/{id}/file", token, data);
        return put.Status == 204 ? id : throw new InvalidOperationException(put.Text);
    }

    public Task<string> CreateRaw(string name, byte[]? data = null, string token = Alice) => Create(new { name, disk_format = "raw", container_format = "bare" }, data, token);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

internal sealed record Reply(int Status, byte[] Body, IReadOnlyDictionary<string, string> Headers)
{
    public string Text => Encoding.UTF8.GetString(Body);
    public JsonNode Json => JsonNode.Parse(Body)!;
    public string? this[string member] => Json[member]?.ToString();
}
