using System.Text.RegularExpressions;
using Nephos.Image.Images;
using Nephos.Kernel.Api;
using Nephos.Kernel.Policy;
using Nephos.Kernel.Settings;

namespace Nephos.Image.Protection;

/// <summary>Which custom properties a caller may create, see, change and remove; all, unless the operator protects them.</summary>
internal sealed class PropertyProtection(ImageOptions options, Gateway gateway)
{
    private readonly IReadOnlyList<ProtectionRule>? _rules = options.ProtectionFile is not { } file ? null
        : ProtectionRule.Read(File.Exists(file) ? SettingsFile.Read(file) : throw new SettingRefused($"image.conf: property_protection_file names {file}, which does not exist"), file, options.ProtectionFormat == "policies");

    /// <summary>The image without what the caller may not see.</summary>
    public StoredImage Readable(Call call, StoredImage image) => _rules is null || image.Properties.Count == 0 ? image
        : image with { Properties = image.Properties.Where(p => May(call, p.Key, "read")).ToDictionary() };

    /// <summary>Refuses a new image with properties the caller may not create.</summary>
    public void RequireNew(Call call, StoredImage image)
    {
        foreach (var name in image.Properties.Keys) if (!May(call, name, "create")) throw Errors.Reserved(name);
    }

    /// <summary>Refuses changes of properties the caller may not change; what it may not see is not there for it.</summary>
    public void Require(Call call, StoredImage image, IReadOnlyList<PatchChange> changes)
    {
        if (_rules is null) return;
        var there = Readable(call, image).Properties.Keys.ToHashSet(StringComparer.Ordinal);
        foreach (var change in changes)
        {
            var name = change.Path[0];
            if (name == "locations" || ImageSchemas.Own.Contains(name)) continue;
            if (change.Verb != PatchVerb.Add && !there.Contains(name)) throw Errors.NoSuchProperty(name);
            var operation = change.Verb == PatchVerb.Remove ? "delete" : there.Contains(name) ? "update" : "create";
            if (!May(call, name, operation)) throw Errors.Reserved(name);
            if (change.Verb == PatchVerb.Remove) there.Remove(name);
            else there.Add(name);
        }
    }

    private bool May(Call call, string name, string operation)
    {
        if (_rules is null) return true;
        var allowed = _rules.FirstOrDefault(r => Finds(r.Names, name))?.Allowed[operation] ?? [];
        if (allowed.Contains("!")) return false;
        if (allowed.Contains("@")) return true;
        return options.ProtectionFormat == "roles" ? allowed.Any(call.Caller.HasRole)
            : allowed is [var rule] && gateway["image"].Policies is var policies && policies.Find(rule) is not null && policies.Allows(rule, call.Caller, PolicyTarget.None);
    }

    // What takes too long finds nothing: then nobody may.
    private static bool Finds(Regex names, string name)
    {
        try { return names.IsMatch(name); }
        catch (RegexMatchTimeoutException) { return false; }
    }
}
