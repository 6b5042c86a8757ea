using System.Text;

namespace Nephos.Drivers.Qemu;

/// <summary>A guest's serial console in a file and the part before it. QEMU appends, so the file may be cut under it.</summary>
static class ConsoleLog
{
    const int Most = 2 << 20;
    const int TailBytes = 100 << 10;

    /// <summary>Keeps both parts together below 4 MiB: the old part is the last 2 MiB before the cut.</summary>
    public static void Rotate(string path)
    {
        if (!File.Exists(path) || new FileInfo(path).Length < Most) return;
        using (var live = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        using (var old = new FileStream(path + ".1", Modes.NewFile))
        {
            live.Seek(-Most, SeekOrigin.End);
            live.CopyTo(old);
            live.SetLength(0);
        }
    }

    public static async Task<string> Tail(string path, CancellationToken ct)
    {
        var text = await Last(path, TailBytes, ct);
        if (text.Length < TailBytes) text = [.. await Last(path + ".1", TailBytes - text.Length, ct), .. text];
        // Cut inside a character? Its rest is not text.
        var start = 0;
        while (start < Math.Min(4, text.Length) && (text[start] & 0xC0) == 0x80) start++;
        return Encoding.UTF8.GetString(text, start, text.Length - start);
    }

    static async Task<byte[]> Last(string path, int count, CancellationToken ct)
    {
        try
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1);
            file.Seek(-Math.Min(count, file.Length), SeekOrigin.End);
            var bytes = new byte[count];
            var read = await file.ReadAtLeastAsync(bytes, count, throwOnEndOfStream: false, ct);
            return bytes[..read];
        }
        catch (FileNotFoundException) { return []; }
    }
}
