using System.Text.Json;
using System.Text.Json.Serialization;
using Nephos.Contracts;
using Nephos.Identity.Shared;
using Nephos.Identity.Tokens;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;
using Nephos.Kernel.Api.Views;

namespace Nephos.Identity.OAuth1;

internal sealed record ConsumerView(string Id, string? Description, SelfLink Links)
{
    /// <summary>Shown once, when it is made.</summary>
    [OmitNull]
    public string? Secret { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; init; }
}

/// <summary>/v3/OS-OAUTH1/consumers.</summary>
internal sealed class ConsumersApi(IdentityDb db, ConsumerTable consumers, Sealed box, Epoch epoch)
{
    private static readonly string[] Known = ["description", "secret"];
    private static readonly Schema Consumer = Schema.Object(("description", Shapes.NullableDescription));
    private static readonly SchemaHistory CreateBody = Shapes.Enveloped("consumer", Consumer);
    private static readonly SchemaHistory UpdateBody = Shapes.Enveloped("consumer", Consumer.Set("not", Schema.Any.Require("secret")).Set("minProperties", 1));

    public void Map(RouteGroup v3)
    {
        v3.Get("/OS-OAUTH1/consumers", List).Guard("identity:list_consumers").Fails(400);
        v3.Post("/OS-OAUTH1/consumers", Create).Guard("identity:create_consumer").Body(() => CreateBody).Returns(201);
        var one = v3.Member("/OS-OAUTH1/consumers/{consumer_id}", new MemberOf<ConsumerRow>(c => consumers.Find(c["consumer_id"]), _ => Errors.ConsumerNotFound(), _ => []));
        one.Get("", (call, row) => Task.FromResult(Answer.Json(("consumer", View(call, row))))).Guard("identity:get_consumer");
        one.Patch("", Update).Guard("identity:update_consumer").Body(() => UpdateBody);
        one.Delete("", Delete).Guard("identity:delete_consumer");
    }

    private async Task<Answer> List(Call call)
    {
        var page = await consumers.List(new Listing(call, "identity_consumers").Sql);
        return Listing.Answer(call, "consumers", [.. page.Items.Select(c => View(call, c))], page.HasMore ? page.Items[^1].Id : null);
    }

    private async Task<Answer> Create(Call call)
    {
        var given = Fields.In(call.Json, "consumer");
        var secret = NewId.Hex();
        var row = new ConsumerRow(NewId.Hex(), given.Text("description"), box.Seal(secret), given.Extra(Known), db.Now);
        await consumers.Insert(row);
        return Answer.Json(("consumer", View(call, row) with { Secret = secret }));
    }

    private async Task<Answer> Update(Call call, ConsumerRow row)
    {
        var given = Fields.In(call.Json, "consumer");
        if (given.Text("id") is { } id && id != row.Id) throw Errors.IdMismatch();
        var changed = row with { Description = given.Text("description", row.Description), Extra = given.Extra(Known, row.Extra) };
        await consumers.Update(changed);
        return Answer.Json(("consumer", View(call, changed)));
    }

    /// <summary>With it go the tokens it got, and what was made from them.</summary>
    private async Task<Answer> Delete(Call call, ConsumerRow row)
    {
        await epoch.Change(Happened.Deleted("OS-OAUTH1:consumer", row.Id), () => consumers.Delete(row.Id));
        return Answer.Empty;
    }

    private static ConsumerView View(Call call, ConsumerRow row) => new(row.Id, row.Description, new($"{call.ServiceUrl}/v3/OS-OAUTH1/consumers/{row.Id}")) { Extra = row.Extra };
}
