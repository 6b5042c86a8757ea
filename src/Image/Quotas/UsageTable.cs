using Nephos.Kernel.Data;

namespace Nephos.Image.Quotas;

/// <summary>What a project has.</summary>
/// <param name="Bytes">Of its images, as often as stores have them.</param>
/// <param name="StagedBytes">Of images that wait for an import, or are in one.</param>
/// <param name="Images">How many.</param>
/// <param name="Uploading">How many get data now.</param>
internal sealed record Usage(long Bytes, long StagedBytes, long Images, long Uploading);

internal sealed class UsageTable(ImageDb db)
{
    public async Task<Usage> Of(string? project) => (await db.One<Usage>($"""
        SELECT CAST(COALESCE(SUM(size * (SELECT COUNT(*) FROM image_locations l WHERE l.image_id = image_images.id)), 0) AS BIGINT) AS bytes,
            CAST(COALESCE(SUM(CASE WHEN status IN ('uploading', 'importing') OR import_task IS NOT NULL THEN size ELSE 0 END), 0) AS BIGINT) AS staged_bytes,
            COUNT(*) AS images,
            CAST(COALESCE(SUM(CASE WHEN status IN ('saving', 'uploading', 'importing') OR import_task IS NOT NULL THEN 1 ELSE 0 END), 0) AS BIGINT) AS uploading
        FROM image_images WHERE owner = {project} AND deleted_at IS NULL
        """))!;
}
