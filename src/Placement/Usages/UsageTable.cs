using Nephos.Kernel.Data;

namespace Nephos.Placement.Usages;

internal sealed class UsageTable(PlacementDb db)
{
    public const string Unknown = "unknown";

    /// <summary>What a project, and a user if given, uses of each class.</summary>
    public Task<List<(string Class, long Used)>> OfProject(string project, string? user) => db.Query<(string, long)>($"""
        SELECT a.class, CAST(SUM(a.used) AS BIGINT) FROM placement_allocations a JOIN placement_consumers c ON c.id = a.consumer_id
        WHERE c.project_id = {project} AND {Of(user)} GROUP BY a.class ORDER BY a.class
        """);

    /// <summary>The same by type of consumer; <paramref name="type"/> null is every type.</summary>
    public Task<List<(string Type, string Class, long Used)>> ByType(string project, string? user, string? type) => db.Query<(string, string, long)>($"""
        SELECT COALESCE(c.type, 'unknown') AS kind, a.class, CAST(SUM(a.used) AS BIGINT) FROM placement_allocations a JOIN placement_consumers c ON c.id = a.consumer_id
        WHERE c.project_id = {project} AND {Of(user)} AND {OfType(type)} GROUP BY COALESCE(c.type, 'unknown'), a.class ORDER BY a.class
        """);

    /// <summary>How many consumers of each type there are.</summary>
    public Task<List<(string Type, long Count)>> Consumers(string project, string? user, string? type) => db.Query<(string, long)>($"""
        SELECT COALESCE(c.type, 'unknown') AS kind, COUNT(*) FROM placement_consumers c WHERE c.project_id = {project} AND {Of(user)} AND {OfType(type)} GROUP BY COALESCE(c.type, 'unknown')
        """);

    private static SqlText Of(string? user) => user is null ? (SqlText)$"1 = 1" : $"c.user_id = {user}";
    private static SqlText OfType(string? type) => type is null ? (SqlText)$"1 = 1" : type == Unknown ? (SqlText)$"c.type IS NULL" : $"c.type = {type}";
}
