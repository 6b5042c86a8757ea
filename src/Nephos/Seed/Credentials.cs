using System.Security.Cryptography;
using Nephos.Contracts;
using Nephos.State;

namespace Nephos.Seed;

/// <summary>Passwords of the two first users and the files that hold them: <c>admin-openrc</c>, <c>demo-openrc</c>, <c>clouds.yaml</c>, all mode 600.</summary>
sealed record Credentials(Secret Admin, Secret Demo)
{
    public const string AdminPassword = "NEPHOS_ADMIN_PASSWORD";

    /// <summary>Those in the files, or new ones: admin's from NEPHOS_ADMIN_PASSWORD if set, else random.</summary>
    public static Credentials Of(StateFolder folder)
    {
        var given = Environment.GetEnvironmentVariable(AdminPassword);
        // Guests' emulators and whatever else we start inherit our environment.
        Environment.SetEnvironmentVariable(AdminPassword, null);
        return new(PasswordIn(folder.AdminOpenrc) ?? new Secret(string.IsNullOrEmpty(given) ? Random() : given), PasswordIn(folder.DemoOpenrc) ?? new Secret(Random()));
    }

    /// <summary>Those in the files, or null when there are none.</summary>
    public static Credentials? Existing(StateFolder folder) =>
        PasswordIn(folder.AdminOpenrc) is { } admin && PasswordIn(folder.DemoOpenrc) is { } demo ? new Credentials(admin, demo) : null;

    /// <summary>Writes the three files for the URL the cloud has now, and beside them the authority (PEM) that clients have to be told of, if any.</summary>
    public void Write(StateFolder folder, string url, string? authority)
    {
        if (authority is null) File.Delete(folder.Authority);
        else File.WriteAllText(folder.Authority, authority + "\n");
        var file = authority is null ? null : folder.Authority;
        folder.WritePrivate(folder.AdminOpenrc, Openrc(url, file, "admin", Admin));
        folder.WritePrivate(folder.DemoOpenrc, Openrc(url, file, "demo", Demo));
        folder.WritePrivate(folder.CloudsYaml, "clouds:\n" + Cloud("nephos", url, file, "demo", Demo) + Cloud("nephos-admin", url, file, "admin", Admin));
    }

    static string Openrc(string url, string? authority, string user, Secret password) => $"""
        # Made by nephos; `source` it.
        for name in $(env | sed -n 's/^\(OS_[A-Z0-9_]*\)=.*/\1/p'); do unset "$name"; done
        export OS_AUTH_URL='{url}/identity'
        export OS_IDENTITY_API_VERSION=3
        export OS_REGION_NAME={Catalog.Region}
        export OS_USERNAME={user}
        export OS_PROJECT_NAME={user}
        export OS_USER_DOMAIN_ID=default
        export OS_PROJECT_DOMAIN_ID=default
        export OS_PASSWORD={Shell(password.Reveal())}{(authority is null ? "" : $"\nexport OS_CACERT={Shell(authority)}")}

        """;

    static string Cloud(string name, string url, string? authority, string user, Secret password) => $"""
          {name}:
            region_name: {Catalog.Region}
            identity_api_version: 3{(authority is null ? "" : $"\n    cacert: {Yaml(authority)}")}
            auth:
              auth_url: {url}/identity
              username: {user}
              project_name: {user}
              user_domain_id: default
              project_domain_id: default
              password: {Yaml(password.Reveal())}

        """;

    static Secret? PasswordIn(string openrc)
    {
        const string marker = "export OS_PASSWORD='";
        if (!File.Exists(openrc) || File.ReadLines(openrc).FirstOrDefault(l => l.StartsWith(marker, StringComparison.Ordinal)) is not { } line) return null;
        return new Secret(line[marker.Length..].TrimEnd()[..^1].Replace(@"'\''", "'", StringComparison.Ordinal));
    }

    static string Shell(string text) => $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    static string Yaml(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    static string Random() => RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", 20);
}
