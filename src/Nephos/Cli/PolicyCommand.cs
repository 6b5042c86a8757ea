using System.Net;
using System.Net.Http.Json;
using Nephos.Contracts;
using Nephos.Documents;
using Nephos.Kernel.Policy;
using Nephos.Link;
using Nephos.Operators;
using Nephos.State;

namespace Nephos.Cli;

/// <summary><c>nephos policy</c>: the rules' defaults, who passes them, and why a caller of the running cloud does or does not.</summary>
static class PolicyCommand
{
    public static Task<int> Sample(string service) => Print(service, PolicySample.Of);

    public static Task<int> Matrix(string service) => Print(service, PolicyMatrix.Of);

    /// <summary>Exit code 0 when every service that knows the rule allows it, 2 when one does not.</summary>
    public static async Task<int> Explain(StateFolder folder, string rule, string token, IReadOnlyDictionary<string, string?> target, CancellationToken ct)
    {
        using var http = RunningCloud.Of(folder, TimeSpan.FromSeconds(10));
        using var response = await http.PostAsJsonAsync("operators/policy", new PolicyQuestion(rule, new Secret(token), target), LinkJson.Options, ct);
        if (response.StatusCode == HttpStatusCode.Unauthorized) throw new Refusal("the token is not valid (any more)", "Give a fresh one: nephos policy explain RULE --as \"$(openstack token issue -f value -c id)\"");
        var answer = (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<PolicyAnswer>(LinkJson.Options, ct))!;
        if (answer.Services.Count == 0) throw new Refusal($"no service has a rule {rule}", "`nephos policy sample SERVICE` prints all of a service's rules.");

        var caller = answer.Caller;
        var scope = caller.ProjectName is { } project ? $"project {project}" : caller.DomainId is { } domain ? $"domain {domain}" : caller.IsSystem ? "the whole system" : "no scope";
        Console.WriteLine($"{caller.UserName} in {scope}, roles {string.Join(", ", caller.Roles)}");
        foreach (var (service, why) in answer.Services)
        {
            Console.WriteLine($"{rule} of {service}: {(why.Allows ? "allowed" : "refused")}");
            Tree(why, 1);
        }
        return answer.Services.All(s => s.Why.Allows) ? 0 : 2;
    }

    static void Tree(PolicyExplanation why, int depth)
    {
        Console.WriteLine($"{new string(' ', depth * 2)}{(why.Allows ? "yes" : "no "),-3}  {why.Text}");
        foreach (var part in why.Parts) Tree(part, depth + 1);
    }

    static async Task<int> Print(string service, Func<Kernel.Api.ServiceApi, string> document)
    {
        var services = await GeneratedDocuments.Services();
        if (services.FirstOrDefault(s => s.Type == service) is not { } found)
            throw new Refusal($"there is no service {service}", $"Known: {string.Join(", ", services.Select(s => s.Type))}.");
        Console.Write(document(found));
        return 0;
    }
}
