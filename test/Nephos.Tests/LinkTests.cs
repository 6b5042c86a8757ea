using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Contracts.Link;
using Nephos.Drivers.Exec;
using Nephos.Link;
using Xunit;

namespace Nephos.Tests;

/// <summary>The link over a unix socket carries what a direct call would.</summary>
public sealed class LinkTests
{
    static readonly Guid Node = NewId.Uuid(), Server = NewId.Uuid();

    [Fact]
    public Task Every_call_arrives_with_its_arguments_and_answers() => Linked(async (link, echo) =>
    {
        var ct = TestContext.Current.CancellationToken;
        var hello = new NodeHello
        {
            Node = Node, Cloud = "0a1b2c3d", Host = "host-1", BootId = "boot", Address = "192.0.2.1", Release = "1",
            Hypervisor = new HypervisorFacts { Type = "QEMU", Version = 7002022, Accelerator = "tcg", Vcpus = 2, MemoryMib = 2048, DiskGib = 10, Traits = ["A"] },
            Switch = new SwitchFacts("neutron-linuxbridge-agent", "bridge", ["flat", "vxlan"], 1500),
        };
        Assert.Equal(new NodeWelcome("0a1b2c3d", true), await link.Join(hello, ct));
        Assert.Equal("host-1", echo.Hello!.Host);
        Assert.Equal(["flat", "vxlan"], echo.Hello.Switch.NetworkTypes);

        var changes = await link.Watch(Node, new Dictionary<string, long> { ["compute"] = 7 }, ct);
        Assert.Equal(8, changes.Numbers["compute"]);
        var item = Assert.Single(changes.Items);
        Assert.Equal((NodeItemKinds.Server, Server, 3L, true), (item.Kind, item.Id, item.Generation, item.Wanted));
        Assert.Equal("x", item.Spec!.Value.GetProperty("name").GetString());

        Assert.Equal([new NodeItemKey("port", Server, 9)], await link.Inventory(Node, ct));
        await link.Report(Node, [new Observed(NodeItemKinds.Server, Server, 3, true, "no disk")], ct);
        Assert.Equal("no disk", Assert.Single(echo.Reported!).Error);
        Assert.Null(await link.NextQuestion(Node, ct));
        var reply = await link.Metadata(new MetadataRequest(Node, null, "10.0.0.5", "GET", "/latest/"), ct);
        Assert.Equal((200, "10.0.0.5 /latest/"), (reply.Status, Encoding.UTF8.GetString(reply.Body)));
    });

    [Fact]
    public Task A_fault_of_the_controller_is_the_same_fault_at_the_node() => Linked(async (link, _) =>
    {
        var fault = await Assert.ThrowsAsync<Fault>(() => link.Answer(Node, new NodeAnswer(NewId.Uuid(), null, null), TestContext.Current.CancellationToken));
        Assert.Equal((FaultKind.Conflict, "Gone", "nobody asked"), (fault.Kind, fault.Name, fault.Message));
    });

    [Fact]
    public Task Images_stream_both_ways() => Linked(async (link, echo) =>
    {
        var ct = TestContext.Current.CancellationToken;
        var data = new byte[5 << 20];
        new Random(1).NextBytes(data);
        await link.PutImage(Server, new MemoryStream(data), ct);
        Assert.Equal(data, echo.Image);
        await using var back = await link.OpenImage(Server, ct);
        var copy = new MemoryStream();
        await back.CopyToAsync(copy, ct);
        Assert.Equal(data, copy.ToArray());
    });

    [Theory]
    [InlineData(10)]
    [InlineData(3 << 20)]
    public Task What_turns_out_wrong_at_its_end_is_never_a_whole_image_at_the_node(int length) => Linked(async (link, echo) =>
    {
        var ct = TestContext.Current.CancellationToken;
        await link.PutImage(Server, new MemoryStream(new byte[length]), ct);
        echo.IsWrong = true;
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            await using var data = await link.OpenImage(Server, ct);
            await data.CopyToAsync(Stream.Null, ct);
        });
    });

    [Theory]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(false, false, true)]
    public Task A_file_of_the_controllers_own_is_read_where_it_is_and_what_it_cannot_have_is_not_believed(bool isOwn, bool isLink, bool isOthers) => Linked(async (link, echo) =>
    {
        var ct = TestContext.Current.CancellationToken;
        using var temp = new TempFolder();
        var path = temp["an image"];
        await File.WriteAllTextAsync(path, "data", ct);
        if (isLink) path = File.CreateSymbolicLink(temp["link"], path).FullName;
        if (isOthers)
        {
            if (!Environment.IsPrivilegedProcess) Assert.Skip("only root gives files away");
            await new Commands(NullLoggerFactory.Instance, TimeProvider.System).Must("chown", ["65534", path], ct);
        }
        echo.File = path;
        await using var data = await link.OpenImage(Server, ct);
        Assert.Equal(isOwn, data is FileStream);
        Assert.Equal("data", await new StreamReader(data).ReadToEndAsync(ct));
    });

    [Fact]
    public async Task A_controller_that_is_not_there_is_unavailable()
    {
        using var temp = new TempFolder();
        using var link = new LinkClient(temp["s"]);
        var fault = await Assert.ThrowsAsync<Fault>(() => link.Inventory(Node, TestContext.Current.CancellationToken));
        Assert.Equal(FaultKind.Unavailable, fault.Kind);
    }

    static async Task Linked(Func<LinkClient, EchoLink, Task> test)
    {
        using var temp = new TempFolder();
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.ListenUnixSocket(temp["s"]));
        builder.Services.AddRoutingCore();
        await using var app = builder.Build();
        var echo = new EchoLink();
        app.MapLink(echo);
        await app.StartAsync();
        using var link = new LinkClient(temp["s"]);
        await test(link, echo);
        await app.StopAsync();
    }

    sealed class WrongAtLast(byte[] bytes) : ForwardStream
    {
        readonly MemoryStream inner = new(bytes);

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            await inner.ReadAsync(buffer, cancellationToken) is > 0 and var read ? read : throw Fault.Conflict("its hash is another");
    }

    sealed class EchoLink : INodeLink
    {
        public NodeHello? Hello { get; private set; }
        public IReadOnlyList<Observed>? Reported { get; private set; }
        public byte[] Image { get; private set; } = [];

        public Task<NodeWelcome> Join(NodeHello hello, CancellationToken ct)
        {
            Hello = hello;
            return Task.FromResult(new NodeWelcome(hello.Cloud, true));
        }

        public Task<NodeChanges> Watch(Guid node, IReadOnlyDictionary<string, long> after, CancellationToken ct) => Task.FromResult(new NodeChanges(
            [new NodeItem(NodeItemKinds.Server, Server, 3, true, JsonSerializer.SerializeToElement(new { name = "x" }))], after.ToDictionary(a => a.Key, a => a.Value + 1)));

        public Task<IReadOnlyList<NodeItemKey>> Inventory(Guid node, CancellationToken ct) => Task.FromResult<IReadOnlyList<NodeItemKey>>([new("port", Server, 9)]);

        public Task Report(Guid node, IReadOnlyList<Observed> observed, CancellationToken ct)
        {
            Reported = observed;
            return Task.CompletedTask;
        }

        public Task<NodeQuestion?> NextQuestion(Guid node, CancellationToken ct) => Task.FromResult<NodeQuestion?>(null);

        public Task Answer(Guid node, NodeAnswer answer, CancellationToken ct) => throw Fault.Conflict("nobody asked", "Gone");

        public string? File { get; set; }

        /// <summary>The image's last byte is followed by a fault: a hash that is another.</summary>
        public bool IsWrong { get; set; }

        public Task<Stream> OpenImage(Guid image, CancellationToken ct) =>
            Task.FromResult<Stream>(IsWrong ? new WrongAtLast(Image) : File is null ? new MemoryStream(Image) : System.IO.File.OpenRead(File));

        public async Task PutImage(Guid image, Stream data, CancellationToken ct)
        {
            var copy = new MemoryStream();
            await data.CopyToAsync(copy, ct);
            Image = copy.ToArray();
        }

        public Task<MetadataReply> Metadata(MetadataRequest request, CancellationToken ct) =>
            Task.FromResult(new MetadataReply(200, "text/plain", Encoding.UTF8.GetBytes($"{request.Address} {request.Path}")));
    }
}
