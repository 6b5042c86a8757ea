using System.Text;
using Nephos.Kernel.Api;

namespace Nephos.Documents;

/// <summary>A service's operations as a table, made from its routes alone.</summary>
static class ApiInventory
{
    public static string Of(ServiceApi api)
    {
        var text = new StringBuilder();
        text.Append($"# {api.Type}: operations\n\nMade from the routes by `./nephos docs`. ");
        text.Append(api.Versions is { } versions ? $"Microversions {versions.Minimum} to {versions.Maximum}. " : "");
        text.Append($"{api.Routes.Count} operations.\n\n| method | path | action | versions | rule | success | failures |\n| --- | --- | --- | --- | --- | --- | --- |\n");
        foreach (var route in api.Routes.OrderBy(r => r.Pattern, StringComparer.Ordinal).ThenBy(r => r.Method, StringComparer.Ordinal).ThenBy(r => r.ActionName, StringComparer.Ordinal).ThenBy(r => r.First))
            text.Append($"| {route.Method} | `{route.Pattern}` | {route.ActionName} | {Range(route)} | {route.PolicyName ?? $"public: {route.PublicReason}"} | {route.Status} | {string.Join(' ', route.FailStatuses.Distinct().Order())} |\n");
        return text.ToString();
    }

    static string Range(Route route) => (route.First, route.Last) switch
    {
        (null, null) => "",
        ({ } first, null) => $"{first} on",
        (null, { } last) => $"to {last}",
        ({ } first, { } last) => $"{first} to {last}",
    };
}
