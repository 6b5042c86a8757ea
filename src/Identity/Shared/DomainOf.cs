using System.Text.Json;
using Nephos.Kernel.Api;

namespace Nephos.Identity.Shared;

/// <summary>Which domain a request is about when it does not say.</summary>
internal static class DomainOf
{
    /// <summary>For something new: the domain named, else that of the caller's scope, else the default one.</summary>
    public static string New(Call call, Fields given) =>
        given.Text("domain_id") ?? call.Caller.DomainId ?? call.Caller.ProjectDomainId ?? "default";

    /// <summary>The body's object before it is checked: rules are asked first.</summary>
    public static Fields Unchecked(Call call, string name) => call.Json.ValueKind == JsonValueKind.Object ? Fields.In(call.Json, name) : default;
}
