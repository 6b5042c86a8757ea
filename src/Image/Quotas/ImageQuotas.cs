using Nephos.Contracts;

namespace Nephos.Image.Quotas;

/// <summary>
/// How much a project may have, by limits that are registered with Identity under upstream's names; what has none there has no end.
/// As upstream has it, sizes are counted in MiB, and data may come as long as what is there already is not over its limit.
/// </summary>
internal sealed class ImageQuotas(IIdentity identity, UsageTable usage, ImageOptions options)
{
    public const string Size = "image_size_total", Staged = "image_stage_total", Count = "image_count_total", Uploading = "image_count_uploading";

    public static readonly string[] Names = [Size, Staged, Count, Uploading];

    /// <summary>Refuses so much more than a project has.</summary>
    public async Task Require(string? project, IReadOnlyDictionary<string, long> more, CancellationToken ct)
    {
        if (project is null) return;
        var limits = await identity.Limits("image", project, ct);
        if (!more.Keys.Any(limits.ContainsKey)) return;
        var used = await usage.Of(project);
        foreach (var (name, asked) in more)
            if (limits.TryGetValue(name, out var limit) && limit >= 0 && Of(used, name) + asked > limit) throw Errors.OverLimit(project, name, limit, Of(used, name), asked);
    }

    public Task Require(string? project, string name, long more, CancellationToken ct) => Require(project, new Dictionary<string, long> { [name] = more }, ct);

    /// <summary>Refuses a project that has all the bytes it may have.</summary>
    public async Task RequireSpace(string? project, CancellationToken ct)
    {
        if (options.ProjectBytes > 0 && (await usage.Of(project)).Bytes is var bytes && bytes >= options.ProjectBytes) throw Errors.QuotaFull(bytes, options.ProjectBytes);
        await Require(project, Size, 0, ct);
    }

    /// <summary>Use and limit of each; -1 is no limit.</summary>
    public async Task<IReadOnlyDictionary<string, (long Usage, long Limit)>> All(string project, CancellationToken ct)
    {
        var (limits, used) = (await identity.Limits("image", project, ct), await usage.Of(project));
        return Names.ToDictionary(n => n, n => (Of(used, n), limits.GetValueOrDefault(n, -1)));
    }

    /// <summary>Bytes as limits count them.</summary>
    public static long Mebibytes(long bytes) => bytes >> 20;

    private static long Of(Usage used, string name) => name switch
    {
        Size => Mebibytes(used.Bytes),
        Staged => Mebibytes(used.StagedBytes),
        Count => used.Images,
        _ => used.Uploading,
    };
}
