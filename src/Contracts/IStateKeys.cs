namespace Nephos.Contracts;

/// <summary>The keys that seal what is secret in the database.</summary>
public interface IStateKeys
{
    /// <summary>
    /// From now on seals with the first of the keys (one a line) and opens with all of them; whatever is sealed with another than the first is
    /// sealed anew. How many that were. May be repeated.
    /// </summary>
    Task<int> Use(Secret keys, CancellationToken ct);
}
