using Nephos.Contracts;
using Nephos.Identity.Catalog;
using Nephos.Identity.Shared;
using Nephos.Kernel.Api;
using Nephos.Kernel.Data;

namespace Nephos.Identity.Policies;

/// <summary>OS-ENDPOINT-POLICY: which policy is whose.</summary>
internal sealed class PolicyAssociationsApi(IdentityDb db, PolicyTable policies, PolicyAssociationTable associations, CatalogTable catalog)
{
    private const string Extension = "/OS-ENDPOINT-POLICY";

    public void Map(RouteGroup v3)
    {
        var policy = v3.Member("/policies/{policy_id}", PoliciesApi.Member(policies));
        policy.Get(Extension + "/endpoints", Endpoints).Guard("identity:list_endpoints_for_policy");
        v3.Member("/endpoints/{endpoint_id}", EndpointsApi.Member(catalog)).Get(Extension + "/policy", OfEndpoint).Guard("identity:get_policy_for_endpoint");

        Associate("/endpoints/{endpoint_id}", "endpoint", call => new(call["endpoint_id"], null, null));
        Associate("/services/{service_id}", "service", call => new(null, call["service_id"], null));
        Associate("/services/{service_id}/regions/{region_id}", "region_and_service", call => new(null, call["service_id"], call["region_id"]));

        void Associate(string path, string what, Func<Call, PolicyPlace> place)
        {
            policy.Get(Extension + path, (call, row) => Check(row, place(call))).Guard("identity:check_policy_association_for_" + what).Returns(204);
            policy.Put(Extension + path, (call, row) => Put(row, place(call))).Guard("identity:create_policy_association_for_" + what).Returns(204).Fails(409);
            policy.Delete(Extension + path, (call, row) => Delete(row, place(call))).Guard("identity:delete_policy_association_for_" + what);
        }
    }

    private async Task<Answer> Endpoints(Call call, PolicyRow policy) => Listing.Answer(call, "endpoints", [.. (await associations.Endpoints(policy.Id)).Select(e => EndpointView.Of(e, call))]);

    private async Task<Answer> OfEndpoint(Call call, EndpointRow endpoint) =>
        Answer.Json(("policy", PolicyView.Of(await associations.Of(endpoint) ?? throw Fault.NotFound($"No policy is associated with endpoint {endpoint.Id}."), call)));

    private async Task<Answer> Check(PolicyRow policy, PolicyPlace place)
    {
        await RequireKnown(place);
        return await associations.Has(policy.Id, place) ? Answer.Empty : throw Errors.PolicyAssociationNotFound();
    }

    private async Task<Answer> Put(PolicyRow policy, PolicyPlace place)
    {
        await RequireKnown(place);
        try { await db.InTransaction(() => associations.Put(policy.Id, place)); }
        catch (Exception e) when (e is BrokenReference or DuplicateKey) { throw Errors.GoneMeanwhile(); }
        return Answer.Empty;
    }

    private async Task<Answer> Delete(PolicyRow policy, PolicyPlace place)
    {
        await RequireKnown(place);
        return await associations.Delete(policy.Id, place) ? Answer.Empty : throw Errors.PolicyAssociationNotFound();
    }

    private async Task RequireKnown(PolicyPlace place)
    {
        if (place.Endpoint is { } endpoint && await catalog.Endpoint(endpoint) is null) throw Errors.EndpointNotFound(endpoint);
        if (place.Service is { } service && await catalog.Service(service) is null) throw Errors.ServiceNotFound(service);
        if (place.Region is { } region && await catalog.Region(region) is null) throw Errors.RegionNotFound(region);
    }
}
