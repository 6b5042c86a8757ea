using Nephos.Kernel.Convergence;

namespace Nephos.Identity.Tokens;

/// <summary>Keeps the keys of tokens fresh, and this controller's copy of them.</summary>
internal sealed class KeyRotation(TokenKeys keys) : Loop
{
    public override string Name => "identity.token-keys";

    public override TimeSpan Period => TimeSpan.FromMinutes(1);

    public override async Task<object> Run(CancellationToken ct)
    {
        var (added, removed) = await keys.Rotate();
        var ring = await keys.Load();
        return new { keys = ring.All.Count, added, removed };
    }
}
