using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Nephos.Contracts;
using Nephos.Kernel.Api.Schemas;
using Nephos.Kernel.Audit;
using Nephos.Kernel.Data;
using Nephos.Kernel.Diagnostics;
using Nephos.Kernel.Policy;

namespace Nephos.Kernel.Api;

/// <summary>
/// What happens to any request, from top to bottom: request id, token, version, route, then body, thing and rule in the service's own
/// order, handler, answer or fault, audit. Unknown paths, methods, actions and versions go through the same door, so a stranger without
/// a token learns nothing (401 first).
/// </summary>
internal sealed class Pipeline(ITokens tokens, ApiOptions options, ApiMetrics metrics, Auditor auditor, ILogger<Pipeline> log)
{
    public async Task Run(Call call)
    {
        var started = metrics.Start();
        var http = call.Http;
        http.Response.Headers["X-Openstack-Request-Id"] = call.RequestId;
        if (call.Api.RequestIdHeader is { } header) http.Response.Headers[header] = call.RequestId;
        auditor.Watch(call);
        try
        {
            await Responses.Write(call, call.Answer = await Answer(call));
        }
        catch (UnauthenticatedException)
        {
            await Responses.Write(call, call.Api.Face.Unauthenticated(call));
        }
        catch (Fault fault)
        {
            Declared(call, (int)fault.Kind);
            await Responses.Write(call, call.Api.Face.Render(fault, call));
        }
        catch (DatabaseUnavailable)
        {
            // Logged where it happened.
            await Responses.Write(call, call.Api.Face.Render(DatabaseUnavailable.Fault, call));
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            http.Response.StatusCode = 499;
        }
        catch (Exception e)
        {
            log.LogError(e, "{Method} {Path} failed unexpectedly ({RequestId})", call.Method, call.Api.PathInLogs(call.Segments), call.RequestId);
            metrics.Bug();
            await Responses.Write(call, call.Api.Face.Render(call.Api.Face.Unexpected(call), call));
        }
        metrics.Done(call, http.Response.StatusCode, started);
        Log(call, http.Response.StatusCode);
    }

    private async Task<Answer> Answer(Call call)
    {
        var (api, face) = (call.Api, call.Api.Face);
        var match = api.Table.Find(call.Segments, call.Method, api.EndSlash is EndSlash.EmptyId);
        if (match.Routes.Count == 0 && api.HeadAsGet && call.Method == "HEAD") match = api.Table.Find(call.Segments, "GET");
        var isPublic = match.Routes.Count > 0 && match.Routes[0].PublicReason is not null;
        if (match.Routes.Count > 0) call.Asked = match.Routes[0];
        await Authenticate(call, isPublic);
        // Operations and events begun here carry it on.
        RequestScope.Current = new RequestScope(call.RequestId, call.MaybeCaller?.UserId, call.MaybeCaller?.ProjectId);
        NegotiateVersion(call);

        if (match.Allowed.Count == 0) throw face.UnknownPath(call);
        if (match.Routes.Count == 0) throw face.UnknownMethod(call, match.Allowed);
        var route = await Select(call, match.Routes);
        call.Bind(route);
        if (!route.IsRaw && route.ActionName is null) await ReadBody(call, route);

        switch (api.Order)
        {
            case CheckOrder.BodyLoadPolicy:
                CheckBody(call, route);
                await Load(call, route);
                Present(call, route);
                CheckPolicy(call, route);
                break;
            case CheckOrder.LoadPolicyBody:
                await Load(call, route);
                CheckPolicy(call, route);
                Present(call, route);
                CheckBody(call, route);
                break;
            case CheckOrder.PolicyBodyLoad:
                CheckPolicy(call, route);
                CheckBody(call, route);
                await Load(call, route);
                Present(call, route);
                break;
            default:
                await Load(call, route);
                Present(call, route);
                break;
        }
        return await route.Handler(call);
    }

    private async Task Authenticate(Call call, bool isPublic)
    {
        if (call.Header("X-OpenStack-Request-ID") is { Length: 40 } global && global.StartsWith("req-", StringComparison.Ordinal)) call.GlobalRequestId = global;
        if (call.Header("X-Service-Token") is { Length: > 0 } service) call.ServiceCaller = await tokens.Validate(service, call.Cancel);
        if (call.Token is not { Length: > 0 } token)
        {
            if (!isPublic) throw new UnauthenticatedException();
            return;
        }
        call.MaybeCaller = call.Api.OwnCaller?.Invoke(token) ?? await tokens.Validate(token, call.Cancel);
        // Outside its access rules an application credential's token is no token, as upstream's middleware has it.
        if (call.MaybeCaller?.AccessRules is { } rules && !rules.Any(r => r.Covers(call.Api.Type, call.Method, call.Segments))) call.MaybeCaller = null;
        if (call.MaybeCaller is null && !isPublic) throw new UnauthenticatedException();
    }

    private static void NegotiateVersion(Call call)
    {
        if (call.Api.Versions is not { } range) return;
        call.Version = range.Minimum;
        if (!call.Api.IsVersioned(call.Segments is [var first, ..] ? first : "")) return;
        var headers = call.Http.Response.Headers;
        var asked = Asked(call, range);
        if (asked is "latest") call.Version = range.Maximum;
        else if (asked is not null)
        {
            if (!Microversion.TryParse(asked, out var version)) throw call.Api.Face.BadVersion(call, asked, range);
            ShowVersion(call, range, asked);
            if (version < range.Minimum || version > range.Maximum) throw call.Api.Face.BadVersion(call, asked, range);
            call.Version = version;
        }
        ShowVersion(call, range, call.Version.ToString());
        headers.Vary = range.LegacyHeader is null ? VersionRange.Header : new Microsoft.Extensions.Primitives.StringValues([VersionRange.Header, range.LegacyHeader]);
    }

    private static void ShowVersion(Call call, VersionRange range, string version)
    {
        call.Http.Response.Headers[VersionRange.Header] = $"{range.ServiceType} {version}";
        if (range.LegacyHeader is not null) call.Http.Response.Headers[range.LegacyHeader] = version;
    }

    private static string? Asked(Call call, VersionRange range)
    {
        // "compute 2.1, placement 1.2": each service picks its own; the newer header wins over nova's old one.
        foreach (var part in (call.Header(VersionRange.Header) ?? "").Split(','))
            if (part.Trim().Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [{ } type, { } version] && type.Equals(range.ServiceType, StringComparison.OrdinalIgnoreCase))
                return version.ToLowerInvariant();
        return range.LegacyHeader is not null ? call.Header(range.LegacyHeader)?.Trim().ToLowerInvariant() is { Length: > 0 } old ? old : null : null;
    }

    private async Task<Route> Select(Call call, IReadOnlyList<Route> routes)
    {
        var face = call.Api.Face;
        if (routes[0].ActionName is null)
        {
            foreach (var route in routes) if (route.Serves(call.Version)) return route;
            throw face.NotInVersion(call);
        }
        await ReadBody(call, routes[0]);
        if (call.Json.ValueKind != JsonValueKind.Object) throw face.UnknownAction(call, null);
        var known = false;
        string? first = null;
        foreach (var member in call.Json.EnumerateObject())
        {
            first ??= member.Name;
            foreach (var route in routes)
            {
                if (route.ActionName != member.Name) continue;
                known = true;
                if (route.Serves(call.Version)) return route;
            }
        }
        throw known ? face.NotInVersion(call) : face.UnknownAction(call, first);
    }

    private static async Task ReadBody(Call call, Route route)
    {
        if (call.Json.ValueKind != JsonValueKind.Undefined) return;
        JsonElement? body;
        try { body = await JsonBody.Read(call); }
        catch (Fault fault) when (fault.Kind == FaultKind.Invalid && !AsksForBody(call, route)) { return; }
        if (body is null)
        {
            if (route.BodySchema is not null && !route.BodyIsOptional && call.Api.Order != CheckOrder.LoadPolicyBody) throw call.Api.Face.MalformedBody(call, "The body is empty.");
            return;
        }
        call.Json = body.Value;
    }

    // What nobody asked for may be anything, as upstream has it.
    private static bool AsksForBody(Call call, Route route) => route.BodySchema is not null || route.ActionName is not null
        || call.Api.Order == CheckOrder.Handler && call.Method is not ("GET" or "HEAD" or "DELETE");

    private static void CheckBody(Call call, Route route)
    {
        if (route.QuerySchema is { } query && Validator.FirstError(query().For(call.Version), call.Query.AsJson()) is { } wrong) throw call.Api.Face.InvalidQuery(call, wrong);
        if (route.BodySchema is not { } schema) return;
        if (call.Json.ValueKind == JsonValueKind.Undefined)
        {
            if (route.BodyIsOptional) return;
            throw call.Api.Face.MalformedBody(call, "The body is empty.");
        }
        var rules = schema().For(call.Version);
        if (Validator.FirstError(route.IsRelaxed ? rules.Open : rules, call.Json) is { } error) throw call.Api.Face.InvalidBody(call, error);
    }

    private static async Task Load(Call call, Route route)
    {
        if (route.Member is { } member) call.Loaded = await member.Load(call);
    }

    private static void Present(Call call, Route route)
    {
        if (route.Member is { } member && call.Loaded is null) throw member.Missing(call);
    }

    private static void CheckPolicy(Call call, Route route)
    {
        if (route.PolicyName is not { } policy) return;
        var target = route.TargetOf is { } own ? own(call)
            : route.Member is { } member && call.Loaded is { } thing ? member.Target(thing)
            : route.Member is not null && call.Api.Order == CheckOrder.LoadPolicyBody ? PolicyTarget.None
            : call.OwnTarget;
        if (call.Api.Policies.Allows(policy, call.Caller, target)) return;
        // Who may not even see the thing is told what a random id would be told.
        if (route.Member?.Sight is { } sight && call.Loaded is not null && !call.Api.Policies.Allows(sight, call.Caller, target)) throw route.Member.Missing(call);
        throw call.Api.Face.Refused(call, policy);
    }

    private void Declared(Call call, int status)
    {
        if (call.Route is not { } route || route.Expects(status)) return;
        log.LogError("{Method} {Pattern} answered {Status}, which it does not declare ({RequestId})", route.Method, route.Pattern, status, call.RequestId);
        if (options.Strict) metrics.Bug();
    }

    private void Log(Call call, int status)
    {
        if (call.Method is "GET" or "HEAD" && status < 400) return;
        log.LogInformation("{Service} {Method} {Path} {Status} user={User} project={Project} from={Address} {RequestId}",
            call.Api.Type, call.Method, call.Api.PathInLogs(call.Segments), status, call.MaybeCaller?.UserId ?? "-", call.MaybeCaller?.ProjectId ?? "-", call.RemoteAddress is { Length: > 0 } address ? address : "-", call.RequestId);
    }

    private sealed class UnauthenticatedException : Exception;
}
