using System.Globalization;
using System.Runtime.CompilerServices;
using Nephos.Contracts;
using Nephos.Kernel.Api;

namespace Nephos.Kernel.Audit;

/// <summary>Questions to the audit as they stand in a query, and the answers page by page.</summary>
public static class AuditFilters
{
    /// <summary>The names a query may have, and what each is for.</summary>
    public static IReadOnlyList<(string Name, string Value, string Description)> All { get; } =
    [
        ("user", "ID", "By this user, also through a trust"), ("project", "ID", "For this project"), ("target", "ID", "To this thing or a part of it"),
        ("service", "TYPE", "Of this service: identity, compute ..."), ("action", "WORD", "create, update, delete, authenticate, read (those refused are kept), or update/reboot and its like"),
        ("outcome", "WORD", "success or failure"), ("since", "TIME", "Not before: 2026-11-20T12:00:00Z"), ("until", "TIME", "Before"),
    ];

    private const int Page = 1000;

    /// <summary>What a query asks for.</summary>
    /// <param name="query">As sent.</param>
    /// <param name="usual">How many at most where it does not say.</param>
    /// <param name="max">More than these nobody gets.</param>
    /// <exception cref="Fault">400 that names the field.</exception>
    public static AuditQuery Read(QueryArgs query, int usual, int max = int.MaxValue) => new()
    {
        UserId = query["user"], ProjectId = query["project"], TargetId = query["target"], Service = query["service"], Action = query["action"],
        Succeeded = query["outcome"] switch { null => null, "success" => true, "failure" => false, var other => throw Wrong("outcome", other, "success or failure") },
        Since = Time(query, "since"), Until = Time(query, "until"), Marker = query["marker"], Limit = Math.Min(Limit(query) ?? usual, max),
    };

    /// <summary>All that a question finds, read in pages.</summary>
    public static async IAsyncEnumerable<AuditEvent> Every(this IAuditTrail trail, AuditQuery asked, [EnumeratorCancellation] CancellationToken ct)
    {
        for (var left = asked.Limit; left > 0;)
        {
            var page = await trail.Find(asked with { Limit = Math.Min(left, Page) }, ct);
            foreach (var e in page) yield return e;
            if (page.Count < Page) yield break;
            left -= page.Count;
            asked = asked with { Marker = page[^1].Id.ToString() };
        }
    }

    private static DateTimeOffset? Time(QueryArgs query, string name) => query[name] is not { } text ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : throw Wrong(name, text, "a time such as 2026-11-20T12:00:00Z");

    private static int? Limit(QueryArgs query) => query["limit"] is not { } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit > 0 ? limit : throw Wrong("limit", text, "a number from 1");

    private static Fault Wrong(string name, string value, string expected) => Fault.Invalid($"{name}: '{value}' is not {expected}.");
}
