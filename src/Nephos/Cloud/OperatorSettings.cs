using Nephos.Identity;
using Nephos.Image;
using Nephos.Kernel.Settings;

namespace Nephos.Cloud;

/// <summary>What the operator's folder says about each service: <c>identity.conf</c>, <c>image.conf</c>.</summary>
static class OperatorSettings
{
    /// <summary>Every service that has settings, and what they are.</summary>
    public static IEnumerable<(string Service, IReadOnlyList<SettingFacts> Settings)> All => [(IdentitySettings.List.Service, IdentitySettings.List.All), (ImageSettings.List.Service, ImageSettings.List.All)];

    /// <summary>Reads the files, which may hold secrets, for those who may not.</summary>
    public static Dictionary<string, IReadOnlyList<SettingLine>> Read(NephosOptions options) =>
        All.ToDictionary(s => s.Service, s => SettingsFile.Read(FileOf(options, s.Service)), StringComparer.Ordinal);

    /// <summary>A service's options with what its file says.</summary>
    public static T Apply<T>(this SettingList<T> list, T options, Roles.ControllerStart start) =>
        list.Apply(options, start.Settings?.GetValueOrDefault(list.Service) ?? [], FileOf(start.Options, list.Service));

    /// <exception cref="SettingRefused">When a file could not be followed.</exception>
    public static void Check(NephosOptions options)
    {
        IdentitySettings.List.Read(new IdentityOptions { StateKey = new("") }, FileOf(options, IdentitySettings.List.Service));
        ImageSettings.Check(ImageSettings.List.Read(new ImageOptions { Staging = "" }, FileOf(options, ImageSettings.List.Service)));
    }

    static string FileOf(NephosOptions options, string service) => Path.Combine(options.Config, service + ".conf");
}
