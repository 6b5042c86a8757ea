using Nephos.Identity.Shared;
using Nephos.Kernel.Data;

namespace Nephos.Identity.DomainConfigs;

/// <summary>One setting; the value is JSON text.</summary>
internal sealed record DomainOption(string Group, string Name, string Value);

internal sealed class DomainOptionTable(IdentityDb db, Sealed box)
{
    private sealed record Row(string OptionGroup, string Name, string? Value, byte[]? SealedValue);

    /// <summary>The settings that may be shown.</summary>
    public async Task<List<DomainOption>> Open(string domain) =>
        [.. (await Rows(domain)).Where(r => r.Value is not null).Select(r => new DomainOption(r.OptionGroup, r.Name, r.Value!))];

    /// <summary>Every setting's place, secret ones too.</summary>
    public async Task<List<(string Group, string Name)>> Names(string domain) => [.. (await Rows(domain)).Select(r => (r.OptionGroup, r.Name))];

    public async Task Put(string domain, IEnumerable<DomainOption> options, Func<string, string, bool> isSecret)
    {
        foreach (var option in options)
        {
            var secret = isSecret(option.Group, option.Name);
            var (open, closed) = (secret ? null : option.Value, secret ? box.Seal(option.Value) : null);
            await db.Execute($"""
                INSERT INTO identity_domain_options (domain_id, option_group, name, value, sealed_value) VALUES ({domain}, {option.Group}, {option.Name}, {open}, {closed})
                ON CONFLICT (domain_id, option_group, name) DO UPDATE SET value = {open}, sealed_value = {closed}
                """);
        }
    }

    public Task Clear(string domain) => db.Execute($"DELETE FROM identity_domain_options WHERE domain_id = {domain}");

    public Task Clear(string domain, string group) => db.Execute($"DELETE FROM identity_domain_options WHERE domain_id = {domain} AND option_group = {group}");

    public Task Clear(string domain, string group, string name) => db.Execute($"DELETE FROM identity_domain_options WHERE domain_id = {domain} AND option_group = {group} AND name = {name}");

    private Task<List<Row>> Rows(string domain) => db.Query<Row>($"SELECT option_group, name, value, sealed_value FROM identity_domain_options WHERE domain_id = {domain} ORDER BY option_group, name");
}
