using System.Text.Json;
using Nephos.Image.Images;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;

namespace Nephos.Image.Tags;

/// <summary><c>/v2/images/{id}/tags/{tag}</c>.</summary>
internal sealed class TagsApi(ImageTable images, ImageOptions options)
{
    public void Map(RouteGroup v2)
    {
        var one = v2.Member("/images/{image_id}", ImagesApi.Visible(images, Errors.ImageNotFound));
        one.Put("/tags/{tag}", Add).Policy(Rules.ModifyImage, Rules.Member, "Tag an image").Returns(204).Fails(400);
        one.Delete("/tags/{tag}", Remove).Policy(Rules.ModifyImage, Rules.Member, "Untag an image");
    }

    private async Task<Answer> Add(Call call, StoredImage image)
    {
        var tag = call["tag"];
        if (Validator.FirstError(ImageSchemas.Image, JsonSerializer.SerializeToElement(new { tags = new[] { tag } })) is { } error) throw Errors.BadSchema("image", error.Verbose());
        if (!image.Tags.Contains(tag)) options.Counts.Check(0, image.Tags.Count + 1);
        await images.AddTag(image.Id, tag);
        return Answer.Empty;
    }

    private async Task<Answer> Remove(Call call, StoredImage image) => await images.RemoveTag(image.Id, call["tag"]) ? Answer.Empty : throw Errors.NothingHere();
}
