using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Contracts.Link;
using Nephos.Node.Compute;
using Nephos.Node.Network;
using Nephos.Node.Storage;

namespace Nephos.Node;

/// <summary>
/// The node's side of the link: joins, keeps listening for what should be true here, sends what was seen, answers questions. The node
/// always asks; a controller never calls. Every loop starts over after a failure, slower and slower up to five seconds.
/// </summary>
internal sealed partial class NodeAgent(
    INodeLink link, NodeOptions options, DesiredItems desired, Reports reports, NetworkLoop network, ServerLoop servers, BaseCache bases, Questions questions,
    IHypervisor hypervisor, IVirtualSwitch vswitch, TimeProvider time, ILogger<NodeAgent> log) : BackgroundService
{
    private readonly Guid _node = NodeId.Load(options.StateFolder);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Insist("join", Join, stoppingToken);
        await Task.WhenAll(
            Forever("watch", Watch, stoppingToken),
            Forever("compare", Compare, stoppingToken),
            Forever("report", Report, stoppingToken),
            Forever("questions", Question, stoppingToken),
            Forever("bases", bases.Run, stoppingToken),
            network.Run(stoppingToken),
            servers.Run(stoppingToken));
    }

    private async Task<bool> Join(CancellationToken ct)
    {
        var welcome = await link.Join(new NodeHello
        {
            Node = _node, Cloud = options.Cloud, Host = options.Host, BootId = options.BootId(), Address = options.Address, Release = options.Release,
            Hypervisor = await hypervisor.Facts(ct), Switch = await vswitch.Facts(ct),
        }, ct);
        if (welcome.Cloud != options.Cloud) throw new InvalidOperationException($"This node belongs to the cloud {options.Cloud}, the controller to {welcome.Cloud}: nothing is done for it.");
        LogJoined(log, _node, options.Host, welcome.HostRebooted);
        return true;
    }

    private IReadOnlyDictionary<string, long> _numbers = new Dictionary<string, long>();

    private async Task Watch(CancellationToken ct)
    {
        var changes = await link.Watch(_node, _numbers, ct);
        var kinds = desired.Take(changes.Items);
        _numbers = changes.Numbers;
        if (!desired.Complete && desired.Knows(await link.Inventory(_node, ct))) kinds = NodeItemKinds.All;
        if (kinds.Contains(NodeItemKinds.Server)) servers.Nudge();
        if (kinds.Any(k => k != NodeItemKinds.Server)) network.Nudge();
    }

    // Numbers can hide nothing, but a restored database can: once a minute ids and generations are compared as a whole.
    private async Task Compare(CancellationToken ct)
    {
        await Task.Delay(TimeSpan.FromSeconds(60), time, ct);
        if (desired.Knows(await link.Inventory(_node, ct))) return;
        LogResync(log);
        _numbers = new Dictionary<string, long>();
    }

    private async Task Report(CancellationToken ct)
    {
        await reports.Wait(ct);
        var observed = reports.Take();
        if (observed.Count == 0) return;
        try { await link.Report(_node, observed, ct); }
        catch
        {
            reports.Return(observed);
            throw;
        }
    }

    private async Task Question(CancellationToken ct)
    {
        if (await link.NextQuestion(_node, ct) is not { } question) return;
        // A snapshot takes minutes; the next question must not wait for it.
        _ = AnswerLater(question, ct);
    }

    private async Task AnswerLater(NodeQuestion question, CancellationToken ct)
    {
        var answer = await questions.Answer(question, ct);
        await Insist("answer", async c => { await link.Answer(_node, answer, c); return true; }, ct);
    }

    private async Task Forever(string what, Func<CancellationToken, Task> run, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested) await Insist(what, async c => { await run(c); return true; }, ct);
    }

    private async Task Insist(string what, Func<CancellationToken, Task<bool>> run, CancellationToken ct)
    {
        for (var failures = 0; !ct.IsCancellationRequested; failures++)
        {
            try
            {
                if (await run(ct)) return;
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested) { return; }
            catch (Exception e)
            {
                if (failures == 0) LogFailed(log, e, what);
                try { await Task.Delay(TimeSpan.FromMilliseconds(Math.Min(5000, 100 << Math.Min(failures, 6))), time, ct); }
                catch (OperationCanceledException) { return; }
            }
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Node {Node} ({Host}) joined; host rebooted: {Rebooted}")]
    private static partial void LogJoined(ILogger log, Guid node, string host, bool rebooted);

    [LoggerMessage(2, LogLevel.Warning, "{What} failed; trying again")]
    private static partial void LogFailed(ILogger log, Exception e, string what);

    [LoggerMessage(3, LogLevel.Warning, "The comparison with the controller shows something not heard of; asking for everything again")]
    private static partial void LogResync(ILogger log);
}
