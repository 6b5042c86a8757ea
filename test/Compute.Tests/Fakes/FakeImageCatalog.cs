using Nephos.Contracts;

namespace Nephos.Compute.Tests.Fakes;

internal sealed class FakeImageCatalog(FakeImages images) : IImageCatalog
{
    /// <summary>What was asked last.</summary>
    public IReadOnlyDictionary<string, string> Asked { get; private set; } = new Dictionary<string, string>();

    public Task<IReadOnlyList<ImageInfo>> List(Caller caller, IReadOnlyDictionary<string, string> query, CancellationToken ct)
    {
        Asked = query;
        var found = images.All.Values.Where(i => Sees(caller, i)).Where(i => query.All(q => q.Key switch
        {
            "limit" or "marker" or "visibility" or "updated_at" => true,
            "name" => i.Name == q.Value,
            "status" => i.Status == q.Value,
            "owner" => i.Owner == q.Value,
            _ => i.Properties.GetValueOrDefault(q.Key) == q.Value,
        }));
        return Task.FromResult<IReadOnlyList<ImageInfo>>([.. found.OrderByDescending(i => i.CreatedAt).Take(int.Parse(query["limit"], System.Globalization.CultureInfo.InvariantCulture))]);
    }

    public Task<ImageInfo?> Find(Caller caller, Guid id, CancellationToken ct) => Task.FromResult(images.All.TryGetValue(id, out var image) && Sees(caller, image) ? image : null);

    public async Task<bool> ReplaceProperties(Caller caller, Guid id, IReadOnlyDictionary<string, string> read, IReadOnlyDictionary<string, string> wanted, CancellationToken ct)
    {
        images.All[id] = await Own(caller, id) with { Properties = wanted };
        return true;
    }

    public async Task Delete(Caller caller, Guid id, CancellationToken ct) => images.All.TryRemove((await Own(caller, id)).Id, out _);

    private async Task<ImageInfo> Own(Caller caller, Guid id)
    {
        var image = await Find(caller, id, default) ?? throw Fault.NotFound("no such image");
        return caller.HasRole("admin") || image.Owner == caller.ProjectId ? image : throw Fault.Forbidden("not yours");
    }

    private static bool Sees(Caller caller, ImageInfo image) => caller.HasRole("admin") || image.Visibility == "public" || image.Owner == caller.ProjectId;
}
