using System.Text;
using Nephos.Contracts.Drivers;

namespace Nephos.Drivers.Fake;

/// <summary>Writes the names and sizes of the files instead of an ISO image.</summary>
public sealed class FakeConfigDriveMaker : IConfigDriveMaker
{
    public Task Make(string path, IReadOnlyDictionary<string, byte[]> files, CancellationToken ct) =>
        File.WriteAllLinesAsync(path, files.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => $"{f.Value.Length,8} {f.Key}"), Encoding.UTF8, ct);
}
