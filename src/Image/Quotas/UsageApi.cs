using Nephos.Kernel.Api;
using Nephos.Kernel.Policy;

namespace Nephos.Image.Quotas;

/// <summary><c>/v2/info/usage</c>: what the caller's project has, and may have.</summary>
internal sealed class UsageApi(ImageQuotas quotas)
{
    private sealed record UseView(long Usage, long Limit);

    public void Map(RouteGroup v2) => v2.Get("/info/usage", Show).Policy("default", Rule.Anyone, "Show what the project uses");

    private async Task<Answer> Show(Call call) =>
        Answer.Json(("usage", (await quotas.All(call.Caller.ProjectId ?? "", call.Cancel)).ToDictionary(u => u.Key, u => new UseView(u.Value.Usage, u.Value.Limit))));
}
