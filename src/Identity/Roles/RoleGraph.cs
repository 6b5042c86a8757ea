namespace Nephos.Identity.Roles;

/// <summary>All roles and what implies what, in one epoch.</summary>
internal sealed class RoleGraph
{
    private readonly Dictionary<string, RoleRow> _roles;
    private readonly ILookup<string, string> _implied;

    public RoleGraph(IEnumerable<RoleRow> roles, IEnumerable<(string Prior, string Implied)> implied)
    {
        _roles = roles.ToDictionary(r => r.Id, StringComparer.Ordinal);
        _implied = implied.ToLookup(i => i.Prior, i => i.Implied, StringComparer.Ordinal);
    }

    public RoleRow? Find(string id) => _roles.GetValueOrDefault(id);

    /// <summary>The roles and everything they imply, each once.</summary>
    public IReadOnlyList<RoleRow> Expand(IEnumerable<string> ids)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        var result = new List<RoleRow>();
        var waiting = new Queue<string>(ids);
        while (waiting.TryDequeue(out var id))
        {
            if (!known.Add(id) || !_roles.TryGetValue(id, out var role)) continue;
            result.Add(role);
            foreach (var next in _implied[id]) waiting.Enqueue(next);
        }
        return result;
    }

    /// <summary>Roles that a role implies directly.</summary>
    public IEnumerable<string> ImpliedBy(string id) => _implied[id];

    /// <summary>Every direct rule.</summary>
    public IEnumerable<IGrouping<string, string>> Rules => _implied;
}
