using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Convergence;
using Nephos.Kernel.Policy;
using Nephos.Link;

namespace Nephos.Operators;

/// <summary>What the operator's commands ask a running controller; on the unix socket only, which root and the controller reach.</summary>
static class OperatorEndpoints
{
    public static void MapOperators(this IEndpointRouteBuilder routes, LoopRunner loops, Gateway gateway, ITokens tokens, NodeOrphans orphans, OperatorAudit audit, Func<CancellationToken, Task<int>> rotateKeys)
    {
        routes.MapGet("/operators/loops", (RequestDelegate)(http =>
            http.Response.WriteAsJsonAsync(loops.Loops.Select(l => new LoopState(l.Name, l.Period, l.Last)), LinkJson.Options)));
        routes.MapGet("/operators/orphans", (RequestDelegate)(async http =>
            await http.Response.WriteAsJsonAsync(await orphans.All(http.RequestAborted), LinkJson.Options, http.RequestAborted)));
        routes.MapDelete("/operators/orphans/{guest:guid}", audit.Of(OperatorChange.RemoveOrphan, async http =>
        {
            await orphans.Remove(Guid.Parse(Guest(http)), http.RequestAborted);
            return null;
        }, Guest));
        routes.MapPost("/operators/keys", audit.Of(OperatorChange.RotateKeys, async http => new KeysRotated(await rotateKeys(http.RequestAborted))));
        // The token comes in the body: a path would end in logs.
        routes.MapPost("/operators/policy", (RequestDelegate)(async http =>
        {
            var question = await http.Request.ReadFromJsonAsync<PolicyQuestion>(LinkJson.Options, http.RequestAborted);
            if (await tokens.Validate(question!.Token.Reveal(), http.RequestAborted) is not { } caller)
            {
                http.Response.StatusCode = StatusCodes.Status401Unauthorized;
                return;
            }
            await http.Response.WriteAsJsonAsync(Explain(gateway, question, caller), LinkJson.Options, http.RequestAborted);
        }));
    }

    static string Guest(HttpContext http) => (string)http.Request.RouteValues["guest"]!;

    static PolicyAnswer Explain(Gateway gateway, PolicyQuestion question, Caller caller)
    {
        var target = new PolicyTarget();
        foreach (var (name, value) in PolicyTarget.OfProject(caller.ProjectId, caller.UserId)) target[name] = value;
        foreach (var (name, value) in question.Target) target[name] = value;
        return new PolicyAnswer(caller with { AuditId = "" }, [.. gateway.Services
            .Select(s => (s.Type, Why: s.Policies.Explain(question.Rule, caller, target))).Where(s => s.Why is not null)
            .Select(s => new ServicePolicy(s.Type, s.Why!))]);
    }
}

/// <summary>How many secrets were sealed anew.</summary>
sealed record KeysRotated(int Sealed);

/// <summary>A loop and its last run.</summary>
sealed record LoopState(string Name, TimeSpan Period, LoopRun? Last);

/// <summary>May the owner of a token do what a rule guards to a target? Attributes not given are those of something of the caller's own.</summary>
sealed record PolicyQuestion(string Rule, Secret Token, IReadOnlyDictionary<string, string?> Target);

/// <summary>Who asked, and what each service that knows the rule says.</summary>
sealed record PolicyAnswer(Caller Caller, IReadOnlyList<ServicePolicy> Services);

/// <summary>One service's verdict and why.</summary>
sealed record ServicePolicy(string Service, PolicyExplanation Why);
