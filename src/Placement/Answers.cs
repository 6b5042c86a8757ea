using System.Text.Json;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;

namespace Nephos.Placement;

/// <summary>What all of placement's answers share: times from 1.15 on, links without a host, and queries checked by their last values.</summary>
internal static class Answers
{
    /// <summary>Adds when the thing changed last; from 1.15 on.</summary>
    public static Answer Changed(this Answer answer, Call call, DateTimeOffset time) => !call.At("1.15") ? answer
        : answer.With("Last-Modified", time.ToUniversalTime().ToString("R")).With("Cache-Control", "no-cache");

    /// <summary>A path of this service as links have it: with the prefix of the shared port, without a host.</summary>
    public static string Path(this Call call, string path) => new Uri(call.ServiceUrl).AbsolutePath.TrimEnd('/') + path;

    /// <summary>Refuses a query that does not follow the schema in force.</summary>
    public static void CheckQuery(this Call call, SchemaHistory schema)
    {
        var values = call.Query.Names.ToDictionary(n => n, n => call.Query[n]);
        if (Validator.FirstError(schema.For(call.Version), JsonSerializer.SerializeToElement(values)) is { } error) throw call.Api.Face.InvalidQuery(call, error);
    }
}
