using System.Xml.Linq;

namespace Nephos.Tests.Architecture;

/// <summary>The source tree, as the tests of its structure see it.</summary>
static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    public static IEnumerable<string> Sources => Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories);

    /// <summary>Names of the projects a source project refers to.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> References { get; } = Directory
        .EnumerateFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories)
        .ToDictionary(p => Path.GetFileNameWithoutExtension(p)!, IReadOnlyList<string> (p) =>
            [.. XDocument.Load(p).Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')))]);

    static string Find(string folder) => File.Exists(Path.Combine(folder, "Nephos.slnx")) ? folder
        : Find(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests run outside the repository."));
}
