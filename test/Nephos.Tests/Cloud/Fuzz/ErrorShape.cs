using System.Text.Json;
using System.Text.Json.Nodes;

namespace Nephos.Tests.Cloud.Fuzz;

/// <summary>Whether a refusal looks as the service's clients expect.</summary>
internal static class ErrorShape
{
    public static string? Wrong(string service, string method, Reply reply)
    {
        if (reply.Status < 400 || method == "HEAD") return null;
        if (reply.Type == "text/html") return reply.Body.Contains(service == "identity" ? "Not Found" : $"{reply.Status} ", StringComparison.Ordinal) ? null : "HTML that is no refusal: " + reply.Body;
        try
        {
            if (JsonNode.Parse(reply.Body) is not JsonObject json) return "no JSON object: " + reply.Body;
            return Fits(service, reply.Status, json) ? null : "not the service's shape: " + reply.Body;
        }
        catch (JsonException) { return "no JSON: " + reply.Body; }
    }

    static bool Fits(string service, int status, JsonObject json)
    {
        // OAuth 2.0 has a shape of its own.
        if (service == "identity" && Has(json, "error", "error_description")) return json["error"] is JsonValue;
        if (status == 401 && service != "image") return Has(json["error"], "code", "message", "title");
        return service switch
        {
            "identity" => status == 405 ? Has(json, "message") : Has(json["error"], "code", "message", "title") && json["error"]!["code"]!.GetValue<int>() == status,
            "compute" => json.Count == 1 && json.First().Value is { } inner && Has(inner, "code", "message") && inner["code"]!.GetValue<int>() == status,
            "network" => Has(json["NeutronError"], "type", "message", "detail"),
            "image" => Has(json, "message", "code", "title"),
            "placement" => json["errors"] is JsonArray { Count: 1 } errors && Has(errors[0], "status", "title", "detail", "request_id") && errors[0]!["status"]!.GetValue<int>() == status,
            _ => false,
        };
    }

    static bool Has(JsonNode? node, params string[] members) => node is JsonObject json && members.All(json.ContainsKey);
}
