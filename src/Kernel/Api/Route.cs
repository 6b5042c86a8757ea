using Nephos.Kernel.Api.Schemas;
using Nephos.Kernel.Policy;

namespace Nephos.Kernel.Api;

/// <summary>Answers a request.</summary>
public delegate Task<Answer> Handler(Call call);

/// <summary>
/// One operation: it says everything about itself, so that the inventory, the policy sample, the persona matrix and the fuzz tests
/// are made from routes alone. A route without <see cref="Policy"/> or <see cref="Public"/> refuses the start.
/// </summary>
public sealed class Route
{
    private readonly ServiceApi _api;
    private readonly List<int> _fails = [];

    internal Route(ServiceApi api, string method, string pattern, Handler handler)
    {
        (_api, Method, Pattern, Handler) = (api, method, pattern, handler);
        Status = method is "DELETE" ? 204 : 200;
    }

    /// <summary>HTTP method.</summary>
    public string Method { get; }
    /// <summary>Path below the service, with <c>{names}</c>.</summary>
    public string Pattern { get; }
    /// <summary>For an action route, the key of the body that selects it.</summary>
    public string? ActionName { get; internal init; }
    /// <summary>First version it exists in, or null.</summary>
    public Microversion? First { get; private set; }
    /// <summary>Last version it exists in, or null.</summary>
    public Microversion? Last { get; private set; }
    /// <summary>Status of success.</summary>
    public int Status { get; private set; }
    /// <summary>Statuses of failure this operation may answer with, besides those that follow from its declaration.</summary>
    public IReadOnlyList<int> FailStatuses => _fails;
    /// <summary>The rule that guards it, or null if public.</summary>
    public string? PolicyName { get; private set; }
    /// <summary>Why no token is needed, or null.</summary>
    public string? PublicReason { get; private set; }
    /// <summary>Further rules the handler asks about.</summary>
    public IReadOnlyList<string> AlsoPolicies { get; private set; } = [];
    /// <summary>True: body and answer are not JSON; no body limit.</summary>
    public bool IsRaw { get; private set; }
    /// <summary>True: members of the body that nobody knows are not refused.</summary>
    internal bool IsRelaxed { get; init; }
    /// <summary>What the audit calls it.</summary>
    public string AuditAction { get => field ?? (ActionName is { } name ? "update/" + name : UsualAction(Method, Pattern.EndsWith('}'))); private set; }
    /// <summary>What it is done to, in the audit's terms: the service's kind and the words of the path.</summary>
    public string AuditKind { get => field ??= _api.KindOf(Words()); private set; }
    internal string? AuditOf { get; private set; }
    /// <summary>Body schema, or null.</summary>
    internal Func<SchemaHistory>? BodySchema { get; private set; }
    /// <summary>Query schema, or null.</summary>
    internal Func<SchemaHistory>? QuerySchema { get; private set; }
    /// <summary>True when an absent body is allowed although there is a schema.</summary>
    internal bool BodyIsOptional { get; private set; }
    internal Handler Handler { get; }
    internal IMember? Member { get; init; }
    internal Func<Call, PolicyTarget>? TargetOf { get; private set; }

    /// <summary>The schema of the body, for the inventory and the fuzz tests; null if none.</summary>
    public SchemaHistory? DeclaredBody => BodySchema?.Invoke();
    /// <summary>The schema of the query; null if none.</summary>
    public SchemaHistory? DeclaredQuery => QuerySchema?.Invoke();

    /// <summary>The rule that guards this operation, with its default text and what it is for.</summary>
    public Route Policy(string name, string text, string description)
    {
        _api.Policies.Declare(name, text, description, ActionName is null ? $"{Method} {Pattern}" : $"{Method} {Pattern} ({ActionName})");
        PolicyName = name;
        return this;
    }

    /// <summary>Restricts the rule given by <see cref="Policy"/> to tokens of these scopes (<see cref="PolicyRegistry.Restrict"/>).</summary>
    public Route Scopes(params string[] scopes)
    {
        _api.Policies.Restrict(PolicyName ?? throw new InvalidOperationException("The rule comes first."), scopes);
        return this;
    }

    /// <summary>A rule that the handler asks about by <see cref="Call.Authorize"/> or <see cref="Call.Can"/>.</summary>
    public Route Also(string name, string text, string description)
    {
        _api.Policies.Declare(name, text, description, $"{Method} {Pattern}");
        AlsoPolicies = [.. AlsoPolicies, name];
        return this;
    }

    /// <summary>No token needed; says why.</summary>
    public Route Public(string why) { PublicReason = why; return this; }

    /// <summary>What the rule is asked about, computed from the call (body not yet checked for some services), where it is not the member itself.</summary>
    public Route Target(Func<Call, PolicyTarget> target) { TargetOf = target; return this; }

    /// <summary>The body's schema, built when first needed.</summary>
    public Route Body(Func<SchemaHistory> schema, bool optional = false) { BodySchema = schema; BodyIsOptional = optional; return this; }

    /// <summary>The query's schema, built when first needed.</summary>
    public Route Query(Func<SchemaHistory> schema) { QuerySchema = schema; return this; }

    /// <summary>First version that has it.</summary>
    public Route Since(string version) { First = Microversion.Parse(version); return this; }

    /// <summary>Last version that has it.</summary>
    public Route Until(string version) { Last = Microversion.Parse(version); return this; }

    /// <summary>What the audit says of it where method and path do not say it.</summary>
    /// <param name="action"><c>authenticate</c>, <c>update/deactivate</c>.</param>
    /// <param name="kind">What it is done to.</param>
    /// <param name="of">The name in the pattern whose value is the id of that; the last one if not said.</param>
    public Route Audited(string? action = null, string? kind = null, string? of = null)
    {
        (AuditAction, AuditKind, AuditOf) = (action!, kind!, of);
        return this;
    }

    /// <summary>Status of success (default 200; 204 for DELETE).</summary>
    public Route Returns(int status) { Status = status; return this; }

    /// <summary>Statuses of failure the handler may cause. Another one is a bug that tests see.</summary>
    public Route Fails(params int[] statuses) { _fails.AddRange(statuses); return this; }

    /// <summary>Body and answer are streams: no JSON, no size limit.</summary>
    public Route Raw() { IsRaw = true; return this; }

    internal static string UsualAction(string method, bool ofOne) => method switch
    {
        "GET" or "HEAD" => "read",
        "DELETE" => "delete",
        // Some older APIs change things by a POST to the thing itself.
        "POST" when !ofOne => "create",
        _ => "update",
    };

    // Without the version and what stands for ids; "action" is only where an action is sent to.
    private IEnumerable<string> Words()
    {
        var words = Pattern.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p[0] != '{').ToList();
        if (words is [['v', >= '0' and <= '9', ..], ..]) words.RemoveAt(0);
        if (ActionName is not null && words is [.., "action"]) words.RemoveAt(words.Count - 1);
        return words;
    }

    internal bool Serves(Microversion version) => (First is not { } first || version >= first) && (Last is not { } last || version <= last);

    /// <summary>Whether a failure with this status was to be expected from the declaration.</summary>
    internal bool Expects(int status) => status switch
    {
        // What is no JSON is refused wherever a body is read.
        400 => BodySchema is not null || QuerySchema is not null || !IsRaw && Method is not ("GET" or "HEAD") || _fails.Contains(400),
        401 => PublicReason is null || _fails.Contains(401),
        403 => PolicyName is not null || _fails.Contains(403),
        404 => Member is not null || _fails.Contains(404),
        413 => !IsRaw || _fails.Contains(413),
        406 or 503 => true,
        _ => _fails.Contains(status),
    };
}
