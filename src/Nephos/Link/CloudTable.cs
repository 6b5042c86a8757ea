namespace Nephos.Link;

/// <summary>Which cloud the database belongs to.</summary>
sealed class CloudTable(LinkDb db)
{
    /// <summary>Its id, or null in a database that no cloud was set up in.</summary>
    public Task<string?> Find() => db.One<string>($"SELECT id FROM link_cloud");

    public Task Add(string cloud) => db.Execute($"INSERT INTO link_cloud (id) VALUES ({cloud})");
}
