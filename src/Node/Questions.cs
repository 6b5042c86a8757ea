using System.Text.Json;
using Microsoft.Extensions.Logging;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Contracts.Link;
using Nephos.Kernel.Data;
using Nephos.Node.Compute;

namespace Nephos.Node;

/// <summary>Answers the controllers' questions about guests.</summary>
internal sealed class Questions
{
    private readonly IHypervisor _hypervisor;
    private readonly INodeLink _link;
    private readonly Orphans _orphans;
    private readonly ILogger<Questions> _log;
    private readonly string _snapshots;

    public Questions(IHypervisor hypervisor, INodeLink link, Orphans orphans, NodeOptions options, ILogger<Questions> log)
    {
        (_hypervisor, _link, _orphans, _log, _snapshots) = (hypervisor, link, orphans, log, Path.Combine(options.StateFolder, "snapshots"));
        // Nobody waits any more for a copy that an earlier life did not send.
        if (Directory.Exists(_snapshots)) Directory.Delete(_snapshots, recursive: true);
    }

    public async Task<NodeAnswer> Answer(NodeQuestion question, CancellationToken ct)
    {
        try
        {
            JsonElement? result = question.Verb switch
            {
                "console" => StoredJson.Element(await _hypervisor.ConsoleText(question.Subject, ct)),
                "diagnostics" => StoredJson.Element(await _hypervisor.Diagnostics(question.Subject, ct)),
                "snapshot" => await Snapshot(question.Subject, Guid.Parse(question.Argument!), ct),
                "orphans" => StoredJson.Element(await _orphans.Find(ct)),
                "remove-orphan" => await RemoveOrphan(question.Subject, ct),
                _ => throw new Fault(FaultKind.NotImplemented, "UnknownQuestion", $"This node does not know how to answer '{question.Verb}'."),
            };
            return new NodeAnswer(question.Id, result, null);
        }
        catch (Fault fault) { return new NodeAnswer(question.Id, null, fault.Message); }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            _log.LogError(e, "{Verb} of {Server} failed", question.Verb, question.Subject);
            return new NodeAnswer(question.Id, null, $"{question.Verb} failed on the host: {e.Message}");
        }
    }

    private async Task<JsonElement?> RemoveOrphan(Guid guest, CancellationToken ct)
    {
        await _orphans.Remove(guest, ct);
        return null;
    }

    private async Task<JsonElement> Snapshot(Guid server, Guid image, CancellationToken ct)
    {
        Directory.CreateDirectory(_snapshots);
        var file = Path.Combine(_snapshots, image.ToString());
        try
        {
            await _hypervisor.Snapshot(server, file, ct);
            await using var data = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20, FileOptions.Asynchronous | FileOptions.SequentialScan);
            var bytes = data.Length;
            // The upload closes what it was given.
            await _link.PutImage(image, data, ct);
            return StoredJson.Element(new { bytes });
        }
        finally { File.Delete(file); }
    }
}
