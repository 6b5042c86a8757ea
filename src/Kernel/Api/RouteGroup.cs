using Nephos.Contracts;
using Nephos.Kernel.Policy;

namespace Nephos.Kernel.Api;

/// <summary>Routes under a common path.</summary>
public sealed class RouteGroup(ServiceApi api, string prefix, bool relaxed = false)
{
    /// <summary>Adds a path to the prefix.</summary>
    public RouteGroup Group(string path) => new(api, prefix + path, relaxed);

    /// <summary>The same, for routes that pass over unknown members of bodies (nova's <c>/v2</c>).</summary>
    public RouteGroup Relaxed() => new(api, prefix, true);

    /// <summary>GET.</summary>
    public Route Get(string path, Handler handler) => Add("GET", path, handler);
    /// <summary>POST.</summary>
    public Route Post(string path, Handler handler) => Add("POST", path, handler);
    /// <summary>PUT.</summary>
    public Route Put(string path, Handler handler) => Add("PUT", path, handler);
    /// <summary>PATCH.</summary>
    public Route Patch(string path, Handler handler) => Add("PATCH", path, handler);
    /// <summary>DELETE.</summary>
    public Route Delete(string path, Handler handler) => Add("DELETE", path, handler);
    /// <summary>HEAD, where it differs from GET.</summary>
    public Route Head(string path, Handler handler) => Add("HEAD", path, handler);

    /// <summary>A POST chosen by the only key of its body.</summary>
    public Route Action(string path, string action, Handler handler) =>
        api.Add(new Route(api, "POST", prefix + path, handler) { ActionName = action, IsRelaxed = relaxed });

    /// <summary>
    /// Routes about one thing named in the path. It is loaded before the policy is asked; a caller who may not even see it gets 404,
    /// one who may see it but not do this gets 403.
    /// </summary>
    public MemberGroup<T> Member<T>(string path, MemberOf<T> member) where T : class => new(api, prefix + path, member, relaxed);

    private Route Add(string method, string path, Handler handler) => api.Add(new Route(api, method, prefix + path, handler) { IsRelaxed = relaxed });
}

/// <summary>How a thing named in a path is loaded and shown to policies.</summary>
/// <param name="Load">The thing by the call's path values; null if absent. It sees every project: visibility is the policy's matter.</param>
/// <param name="Missing">The fault for one that is absent or invisible, from the id as given.</param>
/// <param name="Target">Its attributes for rules.</param>
/// <param name="Sight">The rule that decides who may know of it, or null: everybody who may call.</param>
public sealed record MemberOf<T>(Func<Call, Task<T?>> Load, Func<Call, Fault> Missing, Func<T, PolicyTarget> Target, string? Sight = null) : IMember where T : class
{
    async Task<object?> IMember.Load(Call call) => await Load(call);
    Fault IMember.Missing(Call call) => Missing(call);
    PolicyTarget IMember.Target(object thing) => Target((T)thing);
    string? IMember.Sight => Sight;
}

internal interface IMember
{
    Task<object?> Load(Call call);
    Fault Missing(Call call);
    PolicyTarget Target(object thing);
    string? Sight { get; }
}

/// <summary>Routes about one thing named in the path.</summary>
public sealed class MemberGroup<T>(ServiceApi api, string prefix, MemberOf<T> member, bool relaxed = false) where T : class
{
    /// <summary>GET.</summary>
    public Route Get(string path, Func<Call, T, Task<Answer>> handler) => Add("GET", path, null, handler);
    /// <summary>POST.</summary>
    public Route Post(string path, Func<Call, T, Task<Answer>> handler) => Add("POST", path, null, handler);
    /// <summary>PUT.</summary>
    public Route Put(string path, Func<Call, T, Task<Answer>> handler) => Add("PUT", path, null, handler);
    /// <summary>PATCH.</summary>
    public Route Patch(string path, Func<Call, T, Task<Answer>> handler) => Add("PATCH", path, null, handler);
    /// <summary>DELETE.</summary>
    public Route Delete(string path, Func<Call, T, Task<Answer>> handler) => Add("DELETE", path, null, handler);
    /// <summary>HEAD, where it differs from GET.</summary>
    public Route Head(string path, Func<Call, T, Task<Answer>> handler) => Add("HEAD", path, null, handler);
    /// <summary>POST to <c>.../action</c> chosen by the only key of its body.</summary>
    public Route Action(string action, Func<Call, T, Task<Answer>> handler) => Add("POST", "/action", action, handler);

    private Route Add(string method, string path, string? action, Func<Call, T, Task<Answer>> handler) =>
        api.Add(new Route(api, method, prefix + path, call => handler(call, (T)call.Loaded!)) { ActionName = action, Member = member, IsRelaxed = relaxed });
}
