using Nephos.Kernel.Data;

namespace Nephos.Image.Members;

/// <summary>A project that an image is shared with.</summary>
internal sealed record MemberRow(Guid ImageId, string Member, string Status, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

internal sealed class MemberTable(ImageDb db)
{
    public Task<List<MemberRow>> Of(Guid image) => db.Query<MemberRow>($"SELECT * FROM image_members WHERE image_id = {image} ORDER BY created_at, member");

    public Task<MemberRow?> Find(Guid image, string member) => db.One<MemberRow>($"SELECT * FROM image_members WHERE image_id = {image} AND member = {member}");

    /// <summary>Adds a member as pending; <see cref="DuplicateKey"/> if it is one.</summary>
    public async Task<MemberRow> Add(Guid image, string member, int most) => await db.InTransaction(async () =>
    {
        var now = db.Now;
        var row = (await db.One<MemberRow>($"""
            INSERT INTO image_members (image_id, member, status, created_at, updated_at) VALUES ({image}, {member}, 'pending', {now}, {now}) RETURNING *
            """))!;
        var count = await db.Scalar<long>($"SELECT COUNT(*) FROM image_members WHERE image_id = {image}");
        return most >= 0 && count > most ? throw Errors.TooManyMembers(image, (int)count, most) : row;
    });

    public Task<MemberRow?> Answer(Guid image, string member, string status) => db.One<MemberRow>($"""
        UPDATE image_members SET status = {status}, updated_at = {db.Now} WHERE image_id = {image} AND member = {member} RETURNING *
        """);

    public Task<bool> Remove(Guid image, string member) => db.Changed($"DELETE FROM image_members WHERE image_id = {image} AND member = {member}");
}
