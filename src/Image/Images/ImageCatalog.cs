using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Data;
using Nephos.Kernel.Policy;

namespace Nephos.Image.Images;

/// <summary>What Compute's proxies ask, answered by the code of the API itself.</summary>
internal sealed class ImageCatalog(ImageDb db, ImageTable images, ImagesApi api, Gateway gateway) : IImageCatalog
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

    public async Task<IReadOnlyDictionary<string, string>> ChangeProperties(Caller caller, Guid id, Func<SortedDictionary<string, string>, SortedDictionary<string, string>> change, CancellationToken ct)
    {
        for (var attempt = 0; attempt < 10; attempt++)
        {
            var image = await Visible(caller, id) ?? throw Errors.NoImage(id.ToString());
            Require(Rules.ModifyImage, caller, image.Target);
            var properties = change(new(image.Properties.ToDictionary(), StringComparer.Ordinal));
            foreach (var (name, _) in properties.Except(image.Properties)) ImageUpdate.RequireProperty(name);
            ImageUpdate.Limits(properties.Count, 0);
            if (await images.Save(image, image with { Properties = properties })) return properties;
        }
        throw Errors.ChangedMeanwhile(id);
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
