using System.Text;
using System.Text.Json;
using Nephos.Compute.Servers;
using Nephos.Contracts;
using Nephos.Contracts.Link;

namespace Nephos.Compute.Metadata;

/// <summary>Answers paths of the metadata service. Pure, but for the password a guest posts, which its caller stores.</summary>
internal static class MetadataTree
{
    /// <summary>Where a guest posts its password.</summary>
    public const string PasswordFile = "password";

    public static MetadataReply Answer(ServerRow server, IReadOnlyList<PortFacts> ports, string path)
    {
        var parts = path.Split('?')[0].Split('/', StringSplitOptions.RemoveEmptyEntries);
        var folder = path.Split('?')[0].EndsWith('/');
        return parts switch
        {
            [] => Text(string.Join('\n', [.. GuestFiles.Ec2Versions])),
            ["openstack", .. var rest] => OpenStack(server, ports, rest),
            [var version, .. var rest] when Array.IndexOf(GuestFiles.Ec2Versions, version) >= 0 => Ec2(server, ports, rest, folder),
            _ => NotFound,
        };
    }

    public static MetadataReply NotFound { get; } = new(404, "text/html; charset=UTF-8", "<html>\n <head>\n  <title>404 Not Found</title>\n </head>\n <body>\n  <h1>404 Not Found</h1>\n  The resource could not be found.<br /><br />\n\n\n\n </body>\n</html>"u8.ToArray());

    /// <summary>True for the place a password is posted to.</summary>
    public static bool IsPassword(string path) => path.Split('?')[0].Split('/', StringSplitOptions.RemoveEmptyEntries) is ["openstack", var version, PasswordFile] && HasPassword(version);

    private static bool HasPassword(string version) => version == "latest" || string.CompareOrdinal(version, "2013-04-04") >= 0 && Array.IndexOf(GuestFiles.OpenStackVersions, version) >= 0;

    private static MetadataReply OpenStack(ServerRow server, IReadOnlyList<PortFacts> ports, string[] parts)
    {
        if (parts is []) return Text(string.Join('\n', GuestFiles.OpenStackVersions));
        if (Array.IndexOf(GuestFiles.OpenStackVersions, parts[0]) < 0) return NotFound;
        var files = GuestFiles.OpenStack(server, ports, parts[0]);
        return parts switch
        {
            [var version] => Text(string.Join('\n', files.Keys.Append(HasPassword(version) ? PasswordFile : "").Where(f => f.Length > 0).Order(StringComparer.Ordinal))),
            [var version, PasswordFile] when HasPassword(version) => Text(server.Password),
            [_, var file] when files.TryGetValue(file, out var data) => new MetadataReply(200, file.EndsWith(".json", StringComparison.Ordinal) ? "application/json" : "application/octet-stream", data),
            _ => NotFound,
        };
    }

    private static MetadataReply Ec2(ServerRow server, IReadOnlyList<PortFacts> ports, string[] parts, bool folder)
    {
        var data = GuestFiles.UserData(server);
        switch (parts)
        {
            case []: return Text(data is null ? "meta-data/" : "meta-data/\nuser-data");
            case ["user-data"]: return data is null ? NotFound : new MetadataReply(200, "text/plain; charset=UTF-8", data);
            case ["meta-data", .. var rest]:
                var entries = GuestFiles.Ec2(server, ports);
                var name = string.Join('/', rest);
                // The list of keys is read at public-keys/, and at public-keys/0 its formats.
                if (name == "public-keys") return entries.TryGetValue("public-keys/", out var keys) ? Text(keys) : NotFound;
                if (entries.TryGetValue(name, out var value)) return Text(value);
                var below = Below(entries.Keys, name.Length == 0 ? "" : name + "/");
                return below.Count > 0 ? Text(string.Join('\n', below)) : NotFound;
            default: return NotFound;
        }
    }

    // Names directly below a folder; folders end in a slash.
    private static List<string> Below(IEnumerable<string> paths, string folder) => [.. paths
        .Where(p => p.StartsWith(folder, StringComparison.Ordinal) && p.Length > folder.Length)
        .Select(p => p[folder.Length..])
        .Select(p => p.IndexOf('/', StringComparison.Ordinal) is var slash and >= 0 ? p[..(slash + 1)] : p)
        .Distinct()];

    private static MetadataReply Text(string text) => new(200, "text/plain; charset=UTF-8", Encoding.UTF8.GetBytes(text));
}
