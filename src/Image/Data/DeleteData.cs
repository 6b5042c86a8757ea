using Nephos.Image.Cache;
using Nephos.Image.Images;
using Nephos.Image.Staging;
using Nephos.Image.Stores;
using Nephos.Kernel.Operations;

namespace Nephos.Image.Data;

/// <summary>Removes the data of a deleted image from its stores.</summary>
internal sealed class DeleteData(ImageDb db, LocationTable locations, ImageStores stores, StagingArea staging, ImageCache cache) : Operation<DeleteData.State>(db)
{
    internal sealed record State(Guid Image) : IStateOf<DeleteData>;

    protected override bool Preemptible => false;

    protected override IReadOnlyList<Step> Steps =>
    [
        new("remove", Remove, s => locations.Forget(s.Image)) { WaitsFor = "the image's stores", Deadline = TimeSpan.FromHours(1) },
    ];

    private async Task<State?> Remove(State s, OperationContext c)
    {
        staging.Remove(s.Image);
        await cache.Remove(s.Image);
        foreach (var place in await locations.Of(s.Image))
            if (place.Url.Length == 0 && stores.Find(place.Store) is { } store) await store.Store.Remove(s.Image, c.Cancel);
        return s;
    }

    // What no row is about is found again by the loop.
    protected override Task Failed(State s, OperationFailure failure) => locations.Forget(s.Image);
}
