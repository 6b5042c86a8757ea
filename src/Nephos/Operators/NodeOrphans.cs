using System.Text.Json;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Contracts.Link;
using Nephos.Kernel.Data;
using Nephos.Link;

namespace Nephos.Operators;

/// <summary>What nodes have that nobody wants: guests with processes or disks, which only the operator may have removed.</summary>
sealed class NodeOrphans(NodeTable nodes, INodeQuestions questions)
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(10), RemovalLimit = TimeSpan.FromSeconds(60);

    /// <summary>Of every node; one that does not answer says why.</summary>
    public async Task<IReadOnlyList<OrphansOfNode>> All(CancellationToken ct) => await Task.WhenAll((await nodes.All()).Select(async node =>
    {
        try
        {
            var answer = await questions.Ask(node.Node, "orphans", Guid.Empty, null, Limit, ct);
            return new OrphansOfNode(node.Host, StoredJson.Read<List<GuestTrace>>(answer), null);
        }
        catch (Fault fault) { return new OrphansOfNode(node.Host, [], fault.Message); }
    }));

    /// <summary>Removes one wherever it is.</summary>
    public async Task Remove(Guid guest, CancellationToken ct)
    {
        foreach (var (node, _) in await nodes.All())
        {
            var answer = await questions.Ask(node, "orphans", Guid.Empty, null, Limit, ct);
            if (StoredJson.Read<List<GuestTrace>>(answer).All(o => o.Id != guest)) continue;
            await questions.Ask(node, "remove-orphan", guest, null, RemovalLimit, ct);
            return;
        }
        throw Fault.NotFound($"{guest} is no orphan of a node of this cloud");
    }
}

/// <summary>A node's orphans, or why it does not say.</summary>
sealed record OrphansOfNode(string Host, IReadOnlyList<GuestTrace> Orphans, string? Error);
