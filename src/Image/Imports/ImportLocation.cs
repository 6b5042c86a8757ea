using Nephos.Contracts;
using Nephos.Image.Data;
using Nephos.Image.Images;
using Nephos.Image.Stores;
using Nephos.Image.Tasks;
using Nephos.Image.Web;
using Nephos.Kernel.Operations;

namespace Nephos.Image.Imports;

/// <summary>Where a new image's data is, as somebody says.</summary>
/// <param name="Store">The store that stands for it.</param>
/// <param name="Url">The place.</param>
/// <param name="Algorithm">Of its hash.</param>
/// <param name="Hash">What that is said to be; null: nobody says.</param>
/// <param name="Measured">Whether the data is read, to know.</param>
internal sealed record NewPlace(string Store, string Url, string Algorithm, string? Hash, bool Measured);

/// <summary>
/// Gives an image data that others keep. Where nothing was said of its hash the image is active as soon as the data is found to be there, and
/// stays so whatever comes of measuring it.
/// </summary>
internal sealed class ImportLocation(ImageDb db, ImageTable images, LocationImportTable imports, TaskTable tasks, ImageStores stores, WebReader web, ImageOptions options)
    : Operation<ImportLocation.State>(db)
{
    internal sealed record State(Guid Image, Guid Task, NewPlace Place, long Size = 0, DataFacts? Facts = null) : IStateOf<ImportLocation>;

    protected override int Limit => 4;

    protected override IReadOnlyList<Step> Steps =>
    [
        new("place", Find, s => imports.Place(s.Image, s.Task, s.Place, s.Size)) { WaitsFor = "the web server" },
        new("measure", Measure, s => s.Facts is { } facts ? imports.Finish(s.Image, s.Task, facts) : Task.CompletedTask) { WaitsFor = "the image's data to be read", Deadline = TimeSpan.FromHours(12) },
    ];

    private async Task<State?> Find(State s, OperationContext c)
    {
        var size = await Patiently(() => web.Measure(s.Place.Url, c.Cancel), c.Cancel);
        return size <= options.MaxImage ? s with { Size = size } : throw Errors.TooLarge();
    }

    private async Task<State?> Measure(State s, OperationContext c)
    {
        if (!s.Place.Measured) return s;
        await using var progress = new TaskProgress(tasks, s.Task);
        var facts = await Patiently(() => Read(s, progress.Read, c.Cancel), c.Cancel);
        return s.Place.Hash is { } said && facts.Hash != said ? throw Errors.OtherDigest(said, facts.Hash) : s with { Facts = facts };
    }

    private async Task<DataFacts> Read(State s, Action<long> read, CancellationToken ct)
    {
        var image = await images.Find(s.Image) is { } found && found.Row.ImportTask == s.Task ? found : throw Errors.GoneMeanwhile(s.Image);
        await using var data = await stores.Open(image, 0, ct) ?? throw Fault.NotFound("Image not found in any configured store");
        return await DigestPipe.Copy(data, Stream.Null, s.Place.Algorithm, options.MaxImage, read, ct);
    }

    /// <summary>Web servers fail now and then.</summary>
    private async Task<T> Patiently<T>(Func<Task<T>> ask, CancellationToken ct)
    {
        for (var failures = 0; ; failures++)
        {
            try { return await ask(); }
            catch (Fault fault) when (fault.Kind is FaultKind.Conflict or FaultKind.Unavailable && failures < options.Web.Retries)
            {
                await Task.Delay(options.Web.RetryAfter * (1 << failures), tasks.Time, ct);
            }
        }
    }

    protected override Task Failed(State s, OperationFailure failure) => imports.Fail(s.Image, s.Task, failure.Fault.Message);

    protected override Task Preempted(State s) => imports.Fail(s.Image, s.Task, "The image was deleted.");
}
