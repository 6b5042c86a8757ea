using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Data;
using Nephos.Kernel.Policy;

namespace Nephos.Image.Images;

/// <summary>What Compute's proxies ask, answered by the code of the API itself.</summary>
internal sealed class ImageCatalog(ImageDb db, ImageTable images, ImagesApi api, ImageOptions options, Gateway gateway) : IImageCatalog
{
    private PolicyRegistry Policies => gateway["image"].Policies;

    public async Task<IReadOnlyList<ImageInfo>> List(Caller caller, IReadOnlyDictionary<string, string> query, CancellationToken ct)
    {
        Require("get_images", caller, PolicyTarget.OfProject(caller.ProjectId));
        var page = await db.Page<ImageRow>(ImageList.Of(QueryArgs.Of(query), caller.ProjectId, IsAdmin(caller)));
        return [.. (await images.Complete(page.Items)).Select(i => ImageContract.Info(i, []))];
    }

    public async Task<ImageInfo?> Find(Caller caller, Guid id, CancellationToken ct) =>
        await Visible(caller, id) is { } image && Policies.Allows(Rules.GetImage, caller, image.Target) ? ImageContract.Info(image, []) : null;

    public async Task<bool> ReplaceProperties(Caller caller, Guid id, IReadOnlyDictionary<string, string> read, IReadOnlyDictionary<string, string> wanted, CancellationToken ct)
    {
        var image = await Visible(caller, id) ?? throw Errors.NoImage(id.ToString());
        Require(Rules.ModifyImage, caller, image.Target);
        foreach (var (name, _) in wanted.Except(image.Properties)) ImageUpdate.RequireProperty(name);
        options.Counts.Check(wanted.Count, 0);
        return image.Properties.Count == read.Count && !image.Properties.Except(read).Any() && await images.Save(image, image with { Properties = wanted });
    }

    public async Task Delete(Caller caller, Guid id, CancellationToken ct)
    {
        var image = await Visible(caller, id) ?? throw Errors.NoImageToDelete(id.ToString());
        Require(Rules.DeleteImage, caller, image.Target);
        await api.Delete(image);
    }

    private bool IsAdmin(Caller caller) => Policies.Allows(Rules.IsAdmin, caller, PolicyTarget.None);

    private Task<StoredImage?> Visible(Caller caller, Guid id) => images.FindVisible(id.ToString(), caller.ProjectId, IsAdmin(caller));

    private void Require(string rule, Caller caller, PolicyTarget target)
    {
        if (!Policies.Allows(rule, caller, target)) throw Errors.NotAuthorized(rule);
    }
}
