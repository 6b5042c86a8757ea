using System.Text.RegularExpressions;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;
using Nephos.Placement.Providers;

namespace Nephos.Placement.Traits;

/// <summary><c>/traits</c>, and the traits of providers.</summary>
internal sealed partial class TraitsApi(PlacementDb db, ProviderTable providers, TraitTable traits)
{
    private static readonly SchemaHistory ListQuery = SchemaHistory.Of(Schema.Object(("name", Types.Text), ("associated", Types.Text)).Closed());
    private static readonly SchemaHistory SetBody = SchemaHistory.Of(Schema.Object(
        ("traits", Schema.Of("array").Set("items", Schema.Text(1, 255))), ("resource_provider_generation", Types.Whole)).Require("traits", "resource_provider_generation").Closed());

    public void Map(RouteGroup g)
    {
        g.Get("/traits", List).Since("1.6").Policy("placement:traits:list", Rules.Operator, "List traits").Fails(400, 404);
        g.Get("/traits/{name}", Show).Since("1.6").Policy("placement:traits:show", Rules.Operator, "Show a trait").Returns(204).Fails(404);
        g.Put("/traits/{name}", Ensure).Since("1.6").Policy("placement:traits:update", Rules.Operator, "Create or confirm a trait").Returns(204).Fails(400, 404);
        g.Delete("/traits/{name}", Delete).Since("1.6").Policy("placement:traits:delete", Rules.Operator, "Delete a trait").Fails(400, 404, 409);
        var one = g.Member("/resource_providers/{uuid}/traits", ProvidersApi.One(providers));
        one.Get("", Of).Since("1.6").Policy("placement:resource_providers:traits:list", Rules.Operator, "List a provider's traits");
        one.Put("", Set).Since("1.6").Policy("placement:resource_providers:traits:update", Rules.Operator, "Set a provider's traits").Body(() => SetBody).Fails(409, 415);
        one.Delete("", Clear).Since("1.6").Policy("placement:resource_providers:traits:delete", Rules.Operator, "Remove a provider's traits").Fails(409);
    }

    private async Task<Answer> List(Call call)
    {
        call.CheckQuery(ListQuery);
        var names = StandardTraits.Sorted.Concat((await traits.Custom()).Select(t => t.Name));
        if (call.Query["name"] is { } filter)
        {
            var (op, value) = filter.IndexOf(':', StringComparison.Ordinal) is var at and >= 0 ? (filter[..at], filter[(at + 1)..])
                : throw Errors.Invalid($"Badly formatted name parameter. Expected name query string parameter in form: ?name=[in|startswith]:[name1,name2|prefix]. Got: \"{filter}\"");
            var some = value.Split(',');
            names = op switch { "in" => names.Where(some.Contains), "startswith" => names.Where(n => n.StartsWith(value, StringComparison.Ordinal)), _ => names };
        }
        if (call.Query["associated"]?.ToLowerInvariant() is { } associated)
        {
            if (associated is not ("true" or "false")) throw Errors.Invalid("The query parameter \"associated\" only accepts \"true\" or \"false\"");
            var used = (await traits.Associated()).ToHashSet(StringComparer.Ordinal);
            names = names.Where(n => used.Contains(n) == (associated == "true"));
        }
        return Answer.Json(("traits", names.ToList())).Changed(call, db.Now);
    }

    private async Task<Answer> Show(Call call) => await traits.Exists(call["name"]) ? Answer.Empty.Changed(call, db.Now) : throw Errors.NoTrait(call["name"]);

    private async Task<Answer> Ensure(Call call)
    {
        var name = call["name"];
        if (name.Length > 255 || !Custom().IsMatch(name)) throw Errors.BadTrait();
        return Answer.Empty.As(await traits.Add(name) ? 201 : 204).With("Location", $"{call.ServiceUrl}/traits/{name}").Changed(call, db.Now);
    }

    private async Task<Answer> Delete(Call call)
    {
        var name = call["name"];
        if (StandardTraits.Has(name)) throw Errors.StandardTrait(name);
        if (!await traits.Exists(name)) throw Errors.NoTrait(name);
        return await traits.Remove(name) ? Answer.Empty : throw Errors.TraitInUse(name);
    }

    private static Task<Answer> Of(Call call, ProviderRow provider) => Task.FromResult(View(call, provider.Traits, provider.Generation, provider.UpdatedAt));

    private async Task<Answer> Set(Call call, ProviderRow provider)
    {
        if (call.Json.GetProperty("resource_provider_generation").GetInt64() != provider.Generation) throw Errors.GenerationChanged();
        string[] wanted = [.. call.Json.GetProperty("traits").EnumerateArray().Select(t => t.GetString()!).Distinct().Order(StringComparer.Ordinal)];
        if (await traits.Unknown(wanted) is { Count: > 0 } unknown) throw Errors.UnknownTraits(unknown);
        await Write(provider, wanted);
        return View(call, wanted, wanted.SequenceEqual(provider.Traits) ? provider.Generation : provider.Generation + 1, db.Now);
    }

    private async Task<Answer> Clear(Call call, ProviderRow provider)
    {
        await Write(provider, []);
        return Answer.Empty;
    }

    private async Task Write(ProviderRow provider, string[] wanted)
    {
        if (wanted.SequenceEqual(provider.Traits)) return;
        await db.InTransaction(async () =>
        {
            await providers.SetTraits(provider.Id, wanted);
            if (!await providers.Raise(provider.Id, provider.Generation)) throw Errors.GenerationChanged();
        });
    }

    private static Answer View(Call call, IReadOnlyList<string> names, long generation, DateTimeOffset time) =>
        Answer.Json(("traits", names), ("resource_provider_generation", generation)).Changed(call, time);

    [GeneratedRegex("^CUSTOM_[A-Z0-9_]+\\z")]
    private static partial Regex Custom();
}
