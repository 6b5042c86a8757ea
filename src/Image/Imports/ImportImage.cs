using Nephos.Contracts;
using Nephos.Image.Data;
using Nephos.Image.Images;
using Nephos.Image.Ova;
using Nephos.Image.Staging;
using Nephos.Image.Stores;
using Nephos.Image.Tasks;
using Nephos.Kernel.Operations;

namespace Nephos.Image.Imports;

/// <summary>Brings data into an image: fetches it by the method asked for, and keeps it in the stores asked for.</summary>
internal sealed class ImportImage(
    ImageDb db, ImageTable images, ImportTable imports, LocationTable locations, TaskTable tasks, ImportMethods methods, ImportPlugins plugins, ImageStores stores, StagingArea staging, Intake intake, UnpackOva ova)
    : Operation<ImportImage.State>(db)
{
    internal sealed record State(Guid Image, Guid Task, ImportRequest Request, IReadOnlyList<string> Stores, DataFacts? Facts = null, ImageChanges? Changes = null) : IStateOf<ImportImage>
    {
        /// <summary>In which form the data is staged now; empty as it came.</summary>
        public string Form { get; init; } = "";
    }

    public static string Resource(Guid image) => $"image/{image}";

    protected override int Limit => 4;

    protected override IReadOnlyList<Step> Steps =>
    [
        new("fetch", Fetch, Undo: Unstage) { WaitsFor = "the image's data", Deadline = TimeSpan.FromHours(12) },
        new("decompress", (s, c) => Reshape(s, plugins.Decompress, c.Cancel)) { WaitsFor = "the image's data to be decompressed", Deadline = TimeSpan.FromHours(6) },
        new("unpack", (s, c) => Reshape(s, ova.Apply, c.Cancel)) { WaitsFor = "the package to be unpacked", Deadline = TimeSpan.FromHours(6) },
        new("convert", (s, c) => Reshape(s, plugins.Convert, c.Cancel)) { WaitsFor = "the image's data to be converted", Deadline = TimeSpan.FromHours(6) },
        new("prepare", Prepare) { WaitsFor = "the image's data to be looked at" },
        new("keep", Keep, Undo: TakeBack) { WaitsFor = "the image's stores", Deadline = TimeSpan.FromHours(6) },
        new("activate", Clear, s => imports.Finish(s.Image, s.Task, s.Facts!, s.Changes)),
    ];

    private async Task<State?> Fetch(State s, OperationContext c)
    {
        var image = await Find(s);
        await using var progress = new TaskProgress(tasks, s.Task);
        var arrival = await methods.Of(s.Request).Fetch(new ImportJob(s.Task, image, s.Request, progress.Copied), c.Cancel);
        return s with { Facts = arrival.Facts, Changes = ImageChanges.Both(arrival.Changes, s.Changes) };
    }

    private Task<bool> Unstage(State s, OperationContext c)
    {
        staging.Remove(s.Image);
        return Task.FromResult(true);
    }

    private async Task<State?> Reshape(State s, Func<Staged, TaskProgress, CancellationToken, Task<Shape?>> make, CancellationToken ct)
    {
        var image = await Find(s);
        // What is copied between stores was looked at when it came, and stays as it is.
        if (image.Row.HasData) return s;
        var (disk, container) = Formats(s, image);
        await using var progress = new TaskProgress(tasks, s.Task);
        return await make(new Staged(image, s.Form, disk, container), progress, ct) is { } shape
            ? s with { Form = shape.Form, Facts = shape.Facts, Changes = ImageChanges.Both(s.Changes, shape.Changes) } : s;
    }

    private async Task<State?> Prepare(State s, OperationContext c)
    {
        var image = await Find(s);
        if (image.Row.HasData) return s;
        // Only the last form is needed from here on.
        if (s.Form.Length > 0) staging.Remove(s.Image, "");
        var (disk, container) = Formats(s, image);
        return s with { Facts = s.Facts! with { VirtualSize = await intake.Approve(s.Image, s.Form, disk, container, c.Cancel) } };
    }

    private static (string Disk, string Container) Formats(State s, StoredImage image) =>
        (s.Changes?.DiskFormat ?? image.Row.DiskFormat!, s.Changes?.ContainerFormat ?? image.Row.ContainerFormat!);

    private async Task<State?> Keep(State s, OperationContext c)
    {
        var image = await Find(s);
        // What another store has may have been damaged since its digest was made.
        var (path, content) = staging.SizeOf(s.Image, s.Form) is null ? (stores.LocalPath(image), null) : (staging.PathOf(s.Image, s.Form), s.Facts!.Content());
        if (path is null) throw Fault.Conflict("The staged data is not there any more; import it again.");
        await using var progress = new TaskProgress(tasks, s.Task);
        // Asked again after a crash: what failed then failed.
        var why = image.Row.Importing!.Failed.Count > 0 ? Fault.Conflict($"The image could not be kept in {string.Join(", ", image.Row.Importing.Failed)}.") : null;
        if (why is not null && s.Request.AllMustSucceed) throw why;
        foreach (var id in image.Row.Importing.To)
        {
            var failure = await Put(id, s.Image, path, content, progress, c.Cancel);
            if (!await imports.Tried(s.Image, s.Task, id, kept: failure is null)) throw Errors.GoneMeanwhile(s.Image);
            if (failure is not null && s.Request.AllMustSucceed) throw failure;
            why ??= failure;
        }
        return (await Find(s)).Locations.Count > 0 ? s : throw why ?? Fault.Conflict("None of the uploads finished!");
    }

    private async Task<Fault?> Put(string id, Guid image, string path, string? content, TaskProgress progress, CancellationToken ct)
    {
        if (stores.Find(id)?.Store is not { } store) return Errors.UnknownStore(id);
        try { await store.Put(image, path, content, progress.Copied, ct); }
        catch (Fault fault) { return fault; }
        return null;
    }

    private async Task<bool> TakeBack(State s, OperationContext c)
    {
        await locations.Remove(s.Image, s.Stores);
        foreach (var id in s.Stores) if (stores.Find(id) is { } store) await store.Store.Remove(s.Image, c.Cancel);
        return true;
    }

    private Task<State?> Clear(State s, OperationContext c)
    {
        staging.Remove(s.Image);
        methods.Of(s.Request).Forget(s.Task);
        return Task.FromResult<State?>(s);
    }

    private async Task<StoredImage> Find(State s) => await images.Find(s.Image) is { } image && image.Row.ImportTask == s.Task ? image : throw Errors.GoneMeanwhile(s.Image);

    protected override Task Failed(State s, OperationFailure failure) => Failed(s, failure.Fault.Message);

    protected override Task Preempted(State s) => Failed(s, "The image was deleted.");

    private Task Failed(State s, string why)
    {
        methods.Of(s.Request).Forget(s.Task);
        return imports.Fail(s.Image, s.Task, s.Stores, why);
    }
}
