using System.Text.Json;
using Nephos.Image.Images;
using Nephos.Kernel.Api;
using Nephos.Kernel.Data;

namespace Nephos.Image.Members;

/// <summary><c>/v2/images/{id}/members</c>: with whom a shared image is shared, and whether they took it.</summary>
internal sealed class MembersApi(ImageTable images, MemberTable members, ImageOptions options)
{
    private const int MaxName = 255;

    private sealed record MemberView(string MemberId, Guid ImageId, string Status, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, string Schema = "/v2/schemas/member");

    public void Map(RouteGroup v2)
    {
        var one = v2.Member("/images/{image_id}", ImagesApi.Visible(images, Errors.ImageNotFound));
        one.Get("/members", List).Policy("get_members", Rules.ReaderOrShared, "List an image's members");
        one.Post("/members", Add).Policy("add_member", Rules.Member, "Share an image with a project").Body(() => MemberSchemas.Anything).Fails(409);
        one.Get("/members/{member_id}", Show).Policy("get_member", Rules.ReaderOrShared, "Show a member");
        one.Put("/members/{member_id}", Update).Policy("modify_member", Rules.Shared, "Accept or reject an image").Body(() => MemberSchemas.Anything);
        one.Delete("/members/{member_id}", Remove).Policy("delete_member", Rules.Member, "Stop sharing with a project");
    }

    private async Task<Answer> List(Call call, StoredImage image)
    {
        if (image.Row.Visibility != "shared") throw Errors.OnlySharedHave("list", image.Id);
        var all = await members.Of(image.Id);
        // A member learns nothing of the others.
        var seen = image.Member is null || ImagesApi.IsAdmin(call) ? all : all.Where(m => m.Member == image.Member);
        return Answer.Json(("members", seen.Select(View)), ("schema", "/v2/schemas/members"));
    }

    private async Task<Answer> Show(Call call, StoredImage image)
    {
        if (image.Row.Visibility != "shared") throw Errors.SharedOnly();
        return Answer.JsonValue(View(await Find(call, image)));
    }

    private async Task<Answer> Add(Call call, StoredImage image)
    {
        if (image.Row.Visibility != "shared") throw Errors.OnlySharedHave("create", image.Id);
        var member = Text(call.Json, "member", "Member to be added not specified", "Expected a member in the form: {\"member\": \"image_id\"}");
        if (member.Length == 0) throw Errors.Invalid("Member can't be empty");
        if (member.Length > MaxName) throw Errors.Invalid("Member can't be longer than 255 characters");
        try { return Answer.JsonValue(View(await members.Add(image.Id, member, options.Counts.Members))); }
        catch (DuplicateKey) { throw Errors.MemberTaken(member, image.Id); }
    }

    private async Task<Answer> Update(Call call, StoredImage image)
    {
        if (image.Row.Visibility != "shared") throw Errors.OnlySharedHave("update", image.Id);
        var status = Text(call.Json, "status", "Status not specified", "Expected a status in the form: {\"status\": \"status\"}");
        await Find(call, image);
        if (status is not ("pending" or "accepted" or "rejected")) throw Errors.BadMemberStatus(status);
        return Answer.JsonValue(View(await members.Answer(image.Id, call["member_id"], status) ?? throw Errors.NoMember(call["member_id"], image.Id)));
    }

    private async Task<Answer> Remove(Call call, StoredImage image)
    {
        if (image.Row.Visibility != "shared") throw Errors.OnlySharedHave("delete", image.Id);
        return await members.Remove(image.Id, call["member_id"]) ? Answer.Empty : throw Errors.NoMember(call["member_id"], image.Id);
    }

    private async Task<MemberRow> Find(Call call, StoredImage image)
    {
        var member = call["member_id"];
        var mine = image.Member is null || ImagesApi.IsAdmin(call) || image.Member == member;
        return mine && await members.Find(image.Id, member) is { } row ? row : throw Errors.NoMember(member, image.Id);
    }

    private static string Text(JsonElement body, string name, string missing, string wrong)
    {
        if (body.ValueKind != JsonValueKind.Object) throw Errors.Invalid(wrong);
        if (!body.TryGetProperty(name, out var value)) throw Errors.Invalid(missing);
        return value.ValueKind == JsonValueKind.String ? value.GetString()! : value.ValueKind == JsonValueKind.Null ? "" : throw Errors.Invalid(wrong);
    }

    private static MemberView View(MemberRow row) => new(row.Member, row.ImageId, row.Status, row.CreatedAt, row.UpdatedAt);
}
