using System.Security.Cryptography;
using Nephos.Contracts;

namespace Nephos.State;

/// <summary>
/// The keys that seal secrets in the database (token keys, credentials), one a line, the newest first. They lie beside the database and not in
/// it, so that a copy of one is worth nothing.
/// </summary>
static class StateKey
{
    /// <summary>Reads <c>state-key</c> of the controller's folder; the first start makes it.</summary>
    public static Secret Load(string controllerFolder)
    {
        var file = FileOf(controllerFolder);
        if (!File.Exists(file)) Write(file, New());
        return new Secret(File.ReadAllText(file).Trim());
    }

    /// <summary>
    /// A new key takes over; everything is sealed anew. The one before stays readable until the next time, for what was being written just then.
    /// A program that ends in between goes on with all the keys.
    /// </summary>
    public static async Task<int> Rotate(string controllerFolder, IStateKeys keys, CancellationToken ct)
    {
        var file = FileOf(controllerFolder);
        var before = Load(controllerFolder).Reveal();
        var all = New() + "\n" + before;
        Write(file, all);
        var count = await keys.Use(new Secret(all), ct);
        var kept = string.Join('\n', all.Split('\n').Take(2));
        Write(file, kept);
        await keys.Use(new Secret(kept), ct);
        return count;
    }

    static string FileOf(string controllerFolder) => Path.Combine(controllerFolder, "state-key");

    static string New() => RandomNumberGenerator.GetHexString(64, lowercase: true);

    static void Write(string file, string keys)
    {
        var temporary = file + ".new";
        File.Delete(temporary);
        using (var stream = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        {
            stream.Write(System.Text.Encoding.ASCII.GetBytes(keys));
            // What is sealed with a key that a power failure took is lost.
            stream.Flush(flushToDisk: true);
        }
        File.Move(temporary, file, overwrite: true);
    }
}
