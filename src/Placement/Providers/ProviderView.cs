using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Views;

namespace Nephos.Placement.Providers;

internal sealed record LinkView(string Rel, string Href);

/// <summary>A provider in an answer.</summary>
internal sealed record ProviderView(Guid Uuid, string Name, long Generation, IReadOnlyList<LinkView> Links,
    [property: Since("1.14")] Guid? ParentProviderUuid, [property: Since("1.14")] Guid RootProviderUuid)
{
    public static ProviderView Of(ProviderRow row, Call call)
    {
        var self = call.Path($"/resource_providers/{row.Id}");
        List<LinkView> links = [new("self", self), new("inventories", self + "/inventories"), new("usages", self + "/usages")];
        if (call.At("1.1")) links.Add(new("aggregates", self + "/aggregates"));
        if (call.At("1.6")) links.Add(new("traits", self + "/traits"));
        if (call.At("1.11")) links.Add(new("allocations", self + "/allocations"));
        return new(row.Id, row.Name, row.Generation, links, row.ParentId, row.RootId);
    }
}
