using System.Collections.Concurrent;
using System.Text.Json;

namespace Nephos.Node;

/// <summary>The node's records of servers, one file each, replaced whole.</summary>
internal sealed class ServerRecords
{
    private readonly string _folder;
    private readonly ConcurrentDictionary<Guid, ServerRecord> _records = [];

    public ServerRecords(NodeOptions options)
    {
        _folder = Path.Combine(options.StateFolder, "servers");
        Directory.CreateDirectory(_folder);
        foreach (var unfinished in Directory.EnumerateFiles(_folder, "*.new")) File.Delete(unfinished);
        foreach (var file in Directory.EnumerateFiles(_folder, "*.json"))
            if (JsonSerializer.Deserialize<ServerRecord>(File.ReadAllBytes(file)) is { } record) _records[record.Id] = record;
    }

    public ServerRecord Of(Guid id) => _records.GetValueOrDefault(id) ?? ServerRecord.New(id);

    public IReadOnlyList<ServerRecord> All => [.. _records.Values];

    /// <summary>Ports whose taps guests of this host hold.</summary>
    public IReadOnlySet<Guid> PortsInUse() => _records.Values.SelectMany(r => r.Ports).ToHashSet();

    /// <summary>Files of the base cache that guests name, or null where that is not known of one of them.</summary>
    public IReadOnlySet<string>? BasesOf(IEnumerable<Guid> guests) =>
        guests.Any(g => Of(g).Bases is null) ? null : _records.Values.SelectMany(r => r.Bases ?? []).ToHashSet(StringComparer.Ordinal);

    public void Save(ServerRecord record)
    {
        var file = FileOf(record.Id);
        var temporary = file + ".new";
        using (var stream = new FileStream(temporary, FileMode.Create))
        {
            JsonSerializer.Serialize(stream, record);
            stream.Flush(flushToDisk: true);
        }
        File.Move(temporary, file, overwrite: true);
        _records[record.Id] = record;
    }

    public void Remove(Guid id)
    {
        File.Delete(FileOf(id));
        _records.TryRemove(id, out _);
    }

    private string FileOf(Guid id) => Path.Combine(_folder, $"{id}.json");
}
