using Nephos.Kernel.Api;
using Nephos.Kernel.Policy;

namespace Nephos.Network.Attributes;

/// <summary>Asks the rules about a thing and its attributes.</summary>
internal static class Rules
{
    /// <summary>What rules see of a thing that is there.</summary>
    public static PolicyTarget Target<T>(Resource<T> resource, T row) where T : class, IResourceRow
    {
        var target = PolicyTarget.OfProject(row.ProjectId);
        foreach (var attribute in resource.Attributes)
            if (attribute.Name is not ("project_id" or "tenant_id") && Text(attribute.Show(row)) is { } text) target[attribute.Name] = text;
        resource.Target(row, target);
        return target;
    }

    /// <summary>What rules see of a thing to be made.</summary>
    public static async Task<PolicyTarget> Target<T>(Resource<T> resource, Values values, Viewer viewer) where T : class, IResourceRow
    {
        var target = PolicyTarget.OfProject(values.Get<string>("project_id"));
        Overlay(target, values);
        await resource.Target(values, viewer, target);
        return target;
    }

    public static void Overlay(PolicyTarget target, Values values)
    {
        foreach (var (name, value) in values)
            if (Text(value) is { } text) target[name] = text;
    }

    /// <summary>Refuses unless the action and every guarded attribute of it are allowed.</summary>
    public static void Authorize<T>(Call call, string action, Resource<T> resource, Values values, PolicyTarget target) where T : class, IResourceRow
    {
        var rules = new List<string> { action };
        foreach (var attribute in resource.Attributes)
        {
            if (!attribute.Guarded || !values.Said.Contains(attribute.Name)) continue;
            // Saying what would be so anyway needs no right of its own when creating.
            if (action.StartsWith("create", StringComparison.Ordinal) && attribute.Default is not Unset && Equals(attribute.Default, values[attribute.Name])) continue;
            var name = $"{action}:{attribute.Name}";
            if (Policies.Has(name)) rules.Add(name);
            rules.AddRange(attribute.Parts(values[attribute.Name]).Distinct().Select(part => $"{name}:{part}").Where(Policies.Has));
        }
        if (!rules.TrueForAll(rule => Allows(call, rule, target))) throw Errors.NotAllowed(rules is [var only] ? $"rule:{only}" : $"({string.Join(" and ", rules.Select(r => "rule:" + r))})");
    }

    public static bool Allows(Call call, string rule, PolicyTarget target) => call.Api.Policies.Allows(rule, call.Caller, target);

    private static string? Text(object? value) => value switch
    {
        bool flag => flag ? "True" : "False",
        string text => text,
        Guid or long or int => value.ToString(),
        _ => null,
    };
}
