using Nephos.Image.Stores;
using Nephos.Kernel.Policy;

namespace Nephos.Image.Images;

/// <summary>An image with its custom properties and tags, as a caller sees it.</summary>
/// <param name="Row">Its own columns.</param>
/// <param name="Properties">Custom properties by name.</param>
/// <param name="Tags">In order.</param>
/// <param name="Locations">Where its data is, oldest first.</param>
/// <param name="Member">The caller's project, when the image is shared with it by another; policies know it as <c>member_id</c>.</param>
internal sealed record StoredImage(
    ImageRow Row, IReadOnlyDictionary<string, string> Properties, IReadOnlyList<string> Tags, IReadOnlyList<LocationRow> Locations, string? Member = null)
{
    public Guid Id => Row.Id;
    public IReadOnlyDictionary<string, string> Properties { get; internal set; } = Properties;
    public IReadOnlyList<string> Tags { get; internal set; } = Tags;
    public IReadOnlyList<LocationRow> Locations { get; internal set; } = Locations;

    /// <summary>What rules are asked about.</summary>
    public PolicyTarget Target => new()
    {
        ["project_id"] = Row.Owner,
        ["owner"] = Row.Owner,
        ["member_id"] = Member,
        ["visibility"] = Row.Visibility,
        ["status"] = Row.Status,
        ["image_id"] = Row.Id.ToString(),
    };
}
