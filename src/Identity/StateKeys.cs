using Nephos.Contracts;
using Nephos.Identity.Shared;

namespace Nephos.Identity;

/// <summary>Changes the keys that seal what is secret in identity's rows.</summary>
internal sealed class StateKeys(Sealed box, SealedTable table) : IStateKeys
{
    public async Task<int> Use(Secret keys, CancellationToken ct)
    {
        box.Use(keys);
        return await table.Replace(box.Renewed);
    }
}
