using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Nephos.Image.Ova;

/// <summary>The digests that a package tells of its files.</summary>
internal sealed partial record OvfManifest(IReadOnlyDictionary<string, OvfDigest> Digests)
{
    public const int Most = 64 << 10;

    /// <summary>Reads the file beside a descriptor; a line that is none is refused.</summary>
    public static OvfManifest Parse(string text)
    {
        var digests = new Dictionary<string, OvfDigest>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var match = Line().Match(line);
            if (!match.Success) throw OvaErrors.Refused("a line of its manifest is not NAME(FILE)= DIGEST");
            var algorithm = new HashAlgorithmName(match.Groups[1].Value.ToUpperInvariant());
            var digest = new OvfDigest(algorithm, match.Groups[3].Value.ToLowerInvariant());
            if (digest.Value.Length != digest.Length) throw OvaErrors.Refused($"a digest in its manifest is no {algorithm}");
            if (!digests.TryAdd(match.Groups[2].Value, digest)) throw OvaErrors.Refused($"its manifest has two digests of {match.Groups[2].Value}");
        }
        return new OvfManifest(digests);
    }

    /// <summary>Refuses a file whose bytes are not those the manifest tells of, or of which it tells nothing.</summary>
    public async Task Verify(string name, Stream data, CancellationToken ct)
    {
        if (!Digests.TryGetValue(name, out var expected)) throw OvaErrors.Refused($"its manifest has no digest of {name}");
        using var hash = IncrementalHash.CreateHash(expected.Algorithm);
        var buffer = new byte[1 << 20];
        while (await data.ReadAsync(buffer, ct) is > 0 and var read) hash.AppendData(buffer, 0, read);
        if (Convert.ToHexStringLower(hash.GetHashAndReset()) != expected.Value) throw OvaErrors.Refused($"{name} is not the file its manifest tells of: the {expected.Algorithm} digests differ");
    }

    [GeneratedRegex(@"^(SHA1|SHA256|SHA512)\s*\(([^()]{1,255})\)\s*=\s*([0-9a-f]+)$", RegexOptions.IgnoreCase)]
    private static partial Regex Line();
}

/// <summary>A digest in hexadecimal.</summary>
internal sealed record OvfDigest(HashAlgorithmName Algorithm, string Value)
{
    public int Length => Algorithm.Name switch { "SHA1" => 40, "SHA256" => 64, _ => 128 };
}
