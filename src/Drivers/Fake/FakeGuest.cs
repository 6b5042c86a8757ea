using System.Text.Json;
using System.Text.Json.Serialization;
using Nephos.Contracts.Drivers;

namespace Nephos.Drivers.Fake;

/// <summary>A guest that is a row.</summary>
sealed record FakeGuest
{
    public required GuestSpec Spec { get; init; }
    public PowerState Power { get; init; } = PowerState.Shutdown;
    public string Reason { get; init; } = "host";
    public string Console { get; init; } = "";
    public DateTimeOffset? StartedAt { get; init; }
}

/// <summary>One line of the journal: what became of a guest.</summary>
sealed record FakeEntry(FakeGuest Guest, bool Removed = false);

[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(FakeEntry))]
sealed partial class FakeJson : JsonSerializerContext;

/// <summary>Guests as lines of a file, the last one of each counts: a change costs the same whether there are ten guests or ten thousand.</summary>
sealed class FakeJournal : IDisposable
{
    readonly FileStream file;

    /// <summary>Begins with one line for each guest that is left.</summary>
    public FakeJournal(string path)
    {
        var kept = Read(path).Select(g => new FakeEntry(g.Value)).ToList();
        using (file = new FileStream(path + ".tmp", FileMode.Create))
            foreach (var entry in kept) Write(entry);
        File.Move(path + ".tmp", path, overwrite: true);
        file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
    }

    public void Write(FakeEntry entry) => file.Write([.. JsonSerializer.SerializeToUtf8Bytes(entry, FakeJson.Default.FakeEntry), (byte)'\n']);

    public void Dispose() => file.Dispose();

    public static Dictionary<Guid, FakeGuest> Read(string path)
    {
        var guests = new Dictionary<Guid, FakeGuest>();
        if (!File.Exists(path)) return guests;
        foreach (var line in File.ReadLines(path))
        {
            // We may have been killed within the last line.
            if (!line.EndsWith('}')) continue;
            var entry = JsonSerializer.Deserialize(line, FakeJson.Default.FakeEntry)!;
            if (entry.Removed) guests.Remove(entry.Guest.Spec.Id);
            else guests[entry.Guest.Spec.Id] = entry.Guest;
        }
        return guests;
    }
}
