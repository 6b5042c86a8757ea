using System.Security.Cryptography;
using Nephos.Contracts;
using Nephos.Identity.Shared;

namespace Nephos.Identity.Tokens;

/// <summary>The keys in use: tokens of all of them are valid, one signs.</summary>
internal sealed record KeyRing(IReadOnlyList<byte[]> All, byte[] Signing)
{
    private readonly Lazy<ECDsa[]> _pairs = new(() => [.. All.Select(Jws.PairOf)]);
    private readonly Lazy<ECDsa> _signingPair = new(() => Jws.PairOf(Signing));

    /// <summary>For tokens as signed JSON.</summary>
    public IReadOnlyList<ECDsa> Pairs => _pairs.Value;
    public ECDsa SigningPair => _signingPair.Value;
}

/// <summary>
/// The keys of tokens: rows that all controllers share. A new key signs only when every controller has had the time to read it, and an old one
/// goes when the last of its tokens has ended.
/// </summary>
internal sealed class TokenKeys(IdentityDb db, TokenKeyTable table, Sealed box, IdentityOptions options)
{
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(10);
    private volatile KeyRing? _ring;

    /// <summary>As read last; the first reader makes the first key.</summary>
    public ValueTask<KeyRing> Ring() => _ring is { } ring ? new(ring) : new(Load());

    /// <summary>Reads the keys again.</summary>
    public async Task<KeyRing> Load()
    {
        var rows = await table.All();
        if (rows.Count == 0)
        {
            // Two controllers may meet here: both keys count, and the older one signs.
            await table.Insert(Fresh());
            rows = await table.All();
        }
        var settled = rows.Find(r => r.CreatedAt <= db.Now - Settled) ?? rows[^1];
        return _ring = new([.. rows.Select(r => box.Open(r.Sealed))], box.Open(settled.Sealed));
    }

    /// <summary>Adds a key when the newest is old, and removes those whose tokens have all ended. How many keys came and went.</summary>
    public async Task<(int Added, int Removed)> Rotate()
    {
        var rows = await table.All();
        if (rows.Count == 0) return default;
        var now = db.Now;
        // A key signed at most until the one after it had settled.
        var dead = rows.Skip(1).Where((_, i) => rows[i].CreatedAt + Settled + options.TokenLifetime + options.ExpiredWindow < now).Select(r => r.Id).ToList();
        if (dead.Count > 0) await table.Delete(dead);
        if (rows[0].CreatedAt + options.KeyLifetime > now) return (0, dead.Count);
        await table.Insert(Fresh());
        return (1, dead.Count);
    }

    private TokenKeyRow Fresh() => new(NewId.Hex(), box.Seal(Fernet.NewKey()), db.Now);
}
