namespace Nephos.Contracts.Drivers;

/// <summary>A store of images by the name an operator gave it.</summary>
/// <param name="Id">As clients name it.</param>
/// <param name="Store">What keeps the data.</param>
/// <param name="Description">For people, or null.</param>
public sealed record NamedStore(string Id, IImageStore Store, string? Description = null);
