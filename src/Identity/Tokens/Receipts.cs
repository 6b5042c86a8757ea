using Nephos.Identity.Users;
using Nephos.Kernel.Api;

namespace Nephos.Identity.Tokens;

/// <summary>What somebody proved so far who has to prove more: valid for minutes, and good for nothing else.</summary>
internal sealed record Receipt(string UserId, IReadOnlyList<string> Methods, DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt);

/// <summary>Thrown when the factors given are right but not enough.</summary>
internal sealed class MoreFactorsNeeded(UserRow user, IReadOnlyList<string> methods) : Exception
{
    public UserRow User => user;
    public IReadOnlyList<string> Methods => methods;
}

/// <summary>Writes and reads receipts (Fernet, with the keys of tokens).</summary>
internal sealed class Receipts(IdentityDb db, IdentityOptions options, TokenKeys keys, RevocationTable revocations)
{
    public const string Header = "Openstack-Auth-Receipt";
    // No version of a token begins so: a receipt is never one.
    private const byte Mark = (byte)'R';

    public async Task<(string Text, Receipt Receipt)> Issue(string user, IReadOnlyList<string> methods)
    {
        var receipt = new Receipt(user, methods, db.Now, db.Now + options.ReceiptLifetime);
        using var bytes = new MemoryStream(128);
        using var writer = new BinaryWriter(bytes);
        writer.Write(Mark);
        writer.Write(user);
        writer.Write(string.Join(' ', methods));
        writer.Write(receipt.ExpiresAt.ToUnixTimeMilliseconds());
        writer.Flush();
        return (Fernet.Write((await keys.Ring()).Signing, receipt.IssuedAt, bytes.ToArray()), receipt);
    }

    /// <summary>The methods that the caller's receipt stands for; none without one.</summary>
    /// <exception cref="Contracts.Fault">401 for one that is no receipt, has ended, is somebody else's, or is older than the user's password.</exception>
    public async Task<IReadOnlyList<string>> Methods(Call call, string user)
    {
        if (call.Header(Header) is not { Length: > 0 } text) return [];
        if (Fernet.Read((await keys.Ring()).All, text) is not [Mark, ..] payload) throw Errors.ReceiptNotFound(text);
        using var reader = new BinaryReader(new MemoryStream(payload, 1, payload.Length - 1));
        var (owner, methods, expires) = (reader.ReadString(), reader.ReadString().Split(' '), DateTimeOffset.FromUnixTimeMilliseconds(reader.ReadInt64()));
        if (owner != user || expires <= db.Now || await revocations.IsRevoked(["user:" + user], expires - options.ReceiptLifetime)) throw Errors.ReceiptNotFound(text);
        return methods;
    }
}
