using System.Reflection;

namespace Nephos;

/// <summary>Which Nephos this is.</summary>
static class Release
{
    /// <summary><c>0.1.0</c>, and the first digits of the commit where it was built from one: <c>0.1.0+47e1b1c</c>.</summary>
    public static string Version { get; } = Short(typeof(Release).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0");

    internal static string Short(string version) => version.Split('+') is [var number, { Length: > 7 } commit] ? $"{number}+{commit[..7]}" : version;
}
