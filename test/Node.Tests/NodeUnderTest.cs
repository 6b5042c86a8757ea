using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Nephos.Contracts.Drivers;
using Nephos.Contracts.Link;
using Nephos.Drivers.Fake;

namespace Nephos.Node.Tests;

/// <summary>The real node over fake drivers; stopping and starting it again keeps its folder and its guests.</summary>
internal sealed class NodeUnderTest : IAsyncDisposable
{
    private readonly SimulatedController _controller;
    private ServiceProvider? _services;

    public NodeUnderTest(SimulatedController controller, FakeOptions? options = null)
    {
        _controller = controller;
        Hypervisor = new FakeHypervisor(options ?? new FakeOptions(), TimeProvider.System);
    }

    public string Folder { get; init; } = Directory.CreateTempSubdirectory("nephos-node-").FullName;
    public FakeHypervisor Hypervisor { get; }
    public FakeSwitch Switch { get; init; } = new();
    public FakeRouter Router { get; } = new();
    public FakeDhcpServer Dhcp { get; } = new();
    public FakeNamespaces Namespaces { get; } = new();

    public async Task<NodeUnderTest> Start(string cloud = "c10d0001")
    {
        var services = new ServiceCollection();
        services.AddLogging().AddSingleton(TimeProvider.System).AddSingleton<INodeLink>(_controller)
            .AddSingleton<IHypervisor>(Hypervisor).AddSingleton<IGuestTraces>(Hypervisor).AddSingleton<IVirtualSwitch>(Switch).AddSingleton<IRouter>(Router).AddSingleton<IDhcpServer>(Dhcp)
            .AddSingleton<INamespaces>(Namespaces).AddSingleton<IConfigDriveMaker, FakeConfigDriveMaker>().AddSingleton<IImageTools, RawOnly>()
            .AddNode(new NodeOptions { StateFolder = Folder, Host = "host1", Cloud = cloud, BootId = () => "boot-1", GuestPeriod = TimeSpan.FromMilliseconds(50), NetworkPeriod = TimeSpan.FromMilliseconds(50), SwitchPeriod = TimeSpan.FromMilliseconds(100) });
        _services = services.BuildServiceProvider();
        foreach (var service in _services.GetServices<IHostedService>()) await service.StartAsync(CancellationToken.None);
        return this;
    }

    /// <summary>What an earlier life of this node left.</summary>
    public void Records(ServerRecord record) => new ServerRecords(new NodeOptions { StateFolder = Folder, Host = "host1", Cloud = "c10d0001" }).Save(record);

    public async Task Stop()
    {
        if (_services is null) return;
        foreach (var service in _services.GetServices<IHostedService>()) await service.StopAsync(CancellationToken.None);
        await _services.DisposeAsync();
        _services = null;
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Calls everything raw; conversion copies.</summary>
    private sealed class RawOnly : IImageTools
    {
        public Task<ImageFacts> Inspect(string path, CancellationToken ct) => Task.FromResult(File.ReadAllBytes(path) is [(byte)'E', ..]
            ? new ImageFacts("qcow2", 1 << 20, "it has a backing file") : new ImageFacts("qcow2", 1 << 20, null));

        public Task Convert(string source, string sourceFormat, string target, string targetFormat, Action<int>? percent, CancellationToken ct)
        {
            File.Copy(source, target);
            return Task.CompletedTask;
        }

        public Task Unpack(string source, string format, string target, long limit, Action<long>? written, CancellationToken ct) => throw new NotSupportedException();
    }
}
