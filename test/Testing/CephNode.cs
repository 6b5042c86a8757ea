using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Xunit;

namespace Nephos.Testing;

/// <summary>
/// One node of a real Ceph on loopback with a pool named <c>images</c>, for the tests of a class. It ends with this process, whatever ends it.
/// </summary>
[SuppressMessage("ApiDesign", "RS0030", Justification = "Tests start a storage cluster.")]
public sealed class CephNode : IAsyncLifetime
{
    private static readonly string[] Needed = ["/usr/bin/ceph-mon", "/usr/bin/ceph-osd", "/usr/bin/rbd", "/usr/lib/x86_64-linux-gnu/librbd.so.1"];
    private static readonly TimeSpan Most = TimeSpan.FromMinutes(8);
    private readonly string folder = Directory.CreateTempSubdirectory("nephos-ceph-").FullName;
    private Process? node;

    /// <summary>Why there is none, or null.</summary>
    public static string? Missing { get; } = Array.Find(Needed, p => !File.Exists(p)) is { } missing ? $"no real Ceph: {missing} is not installed (apt-get install ceph-mon ceph-osd)" : null;

    /// <summary>What a client is configured by; it holds the keys of <c>client.admin</c> and <c>client.glance</c>.</summary>
    public string ConfFile => Path.Combine(folder, "client.conf");

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (Missing is not null) return;
        var start = new ProcessStartInfo("/bin/bash", [Path.Combine(AppContext.BaseDirectory, "ceph-node.sh"), folder, $"{FreePort.Next()}"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        node = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Most);
        string? said = null;
        try { said = await node.StandardOutput.ReadLineAsync(limit.Token); }
        catch (OperationCanceledException) { /* Said below. */ }
        if (said == "ready") return;
        var log = Path.Combine(folder, "log");
        var last = File.Exists(log) ? string.Join('\n', (await File.ReadAllLinesAsync(log)).TakeLast(40)) : "nothing";
        await DisposeAsync();
        throw new InvalidOperationException("Ceph is installed and did not start. It said:\n" + last);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (node is not null)
        {
            node.StandardInput.Close();
            await node.WaitForExitAsync();
            node.Dispose();
            node = null;
        }
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    /// <summary>What one of Ceph's own commands prints, run as the administrator.</summary>
    public async Task<string> Run(string program, params string[] arguments)
    {
        using var command = Process.Start(new ProcessStartInfo(program, ["--conf", ConfFile, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })!;
        command.StandardInput.Close();
        var (output, error) = (command.StandardOutput.ReadToEndAsync(), command.StandardError.ReadToEndAsync());
        await command.WaitForExitAsync();
        return command.ExitCode == 0 ? await output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {await error}");
    }
}
