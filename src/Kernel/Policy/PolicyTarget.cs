namespace Nephos.Kernel.Policy;

/// <summary>
/// Attributes of the thing a rule is asked about, under the names rules use (<c>project_id</c>, <c>target.user.domain_id</c>).
/// An attribute that is absent makes a check on it fail, as in oslo.policy.
/// </summary>
public sealed class PolicyTarget : Dictionary<string, string?>
{
    /// <summary>An empty target.</summary>
    public PolicyTarget() : base(StringComparer.Ordinal) { }

    /// <summary>A target without attributes: only rules about the caller alone can pass.</summary>
    public static PolicyTarget None { get; } = [];

    /// <summary>The usual target of a thing owned by a project, under both names that rules have for it.</summary>
    public static PolicyTarget OfProject(string? project, string? user = null) => new()
    {
        ["project_id"] = project, ["tenant_id"] = project, ["user_id"] = user,
    };
}
