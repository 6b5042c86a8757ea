using Nephos.Kernel.Convergence;

namespace Nephos.Identity.Shared;

/// <summary>Events under upstream's notification types, <c>identity.user.created</c>.</summary>
internal static class Happened
{
    private sealed record Payload(string ResourceInfo);

    public static NewEvent Created(string what, string id) => Of(what, id, "created");
    public static NewEvent Updated(string what, string id) => Of(what, id, "updated");
    public static NewEvent Deleted(string what, string id) => Of(what, id, "deleted");

    private static NewEvent Of(string what, string id, string verb) =>
        new($"identity.{what}.{verb}", $"{what}/{id}", new Payload(id)) { ProjectId = what == "project" ? id : null };
}
