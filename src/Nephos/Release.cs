using System.Reflection;

namespace Nephos;

/// <summary>Which Nephos this is.</summary>
static class Release
{
    public static string Version { get; } = typeof(Release).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";
}
