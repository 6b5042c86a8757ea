using System.Text.Json;
using Nephos.Identity.Shared;

namespace Nephos.Identity.Roles;

/// <summary>Roles as bodies name them: <c>[{"id": ..}, {"name": ..}]</c>.</summary>
internal sealed class ChosenRoles(RoleTable roles)
{
    /// <summary>Their ids, each once; an id is not looked up.</summary>
    public async Task<List<string>> Ids(IEnumerable<JsonElement> given)
    {
        var ids = new List<string>();
        foreach (var asked in given.Select(r => new Fields(r))) ids.Add(asked.Text("id") ?? await Unique(asked.Text("name")!));
        return [.. ids.Distinct()];
    }

    private async Task<string> Unique(string name) => await roles.InAnyDomain(name) switch
    {
        [var one] => one.Id,
        [] => throw Errors.RoleNotFound(name),
        _ => throw Errors.AmbiguousRole(name),
    };
}
