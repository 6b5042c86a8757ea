using Nephos.Contracts;

namespace Nephos.Node;

/// <summary>The node's identity: a UUID made once and kept in its state folder. A renamed host stays the same node.</summary>
internal static class NodeId
{
    public static Guid Load(string stateFolder)
    {
        Directory.CreateDirectory(stateFolder);
        var file = Path.Combine(stateFolder, "node-id");
        if (File.Exists(file) && Guid.TryParse(File.ReadAllText(file), out var known)) return known;
        var id = NewId.Uuid();
        var temporary = file + ".new";
        File.WriteAllText(temporary, id.ToString());
        File.Move(temporary, file, overwrite: true);
        return id;
    }
}
