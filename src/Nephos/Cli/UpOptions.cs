using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using Nephos.State;

namespace Nephos.Cli;

/// <summary>The options of <c>up</c>, which <c>quickstart</c> and <c>dev</c> take as well.</summary>
sealed class UpOptions
{
    readonly Option<string> listen = new("--listen") { Description = "Address and port of the API", HelpName = "ADDR:PORT", DefaultValueFactory = _ => "127.0.0.1:8700" };
    readonly Option<string> config = new("--config") { Description = "Folder of the operator's files: settings (identity.conf) and rules (policy/identity.yaml)", HelpName = "DIR", DefaultValueFactory = _ => "/etc/nephos" };
    readonly Option<string> policyDefaults = new("--policy-defaults") { Description = "legacy: what upstream's deprecated rules allow is allowed too (a reader may create servers)", HelpName = "new|legacy", DefaultValueFactory = _ => "new" };
    readonly Option<string?> publicUrl = new("--public-url") { Description = "Base of the URLs shown to clients, if it is not what they ask", HelpName = "URL" };
    readonly Option<string[]> trustedProxies = new("--trusted-proxies") { Description = "Addresses whose X-Forwarded headers are believed", HelpName = "ADDR" };
    readonly Option<bool> noClassicPorts = new("--no-classic-ports") { Description = "Only the one port; not 5000, 8774, 9292 ..." };
    readonly Option<string> externalCidr = new("--external-cidr") { Description = "Range of the external network made by the first start", HelpName = "CIDR", DefaultValueFactory = _ => "172.24.4.0/24" };
    readonly Option<string?> hostNamespace = new("--host-namespace") { Description = "Network namespace in which bridges and routers are made", HelpName = "NAME" };
    readonly Option<bool> fake = new("--fake") { Description = "Pretended servers and networks: the whole API, nothing on the host" };
    // For tests: die where NEPHOS_CRASH says.
    readonly Option<bool> crashPoints = new("--crash-points") { Hidden = true };
    readonly VariableOption database = new("--database", DatabaseUrl.Variable, "PostgreSQL instead of SQLite: postgresql://user:password@host/name, or a file that holds it") { HelpName = "URL|@FILE" };
    readonly Option<string?> tlsCertificate = new("--tls-cert") { Description = "Certificate (PEM) for https", HelpName = "FILE" };
    readonly Option<string?> tlsKey = new("--tls-key") { Description = "Its key (PEM)", HelpName = "FILE" };

    /// <summary>Adds all of them to a command.</summary>
    public UpOptions On(Command command)
    {
        foreach (var option in (Option[])[listen, config, policyDefaults, publicUrl, trustedProxies, noClassicPorts, externalCidr, hostNamespace, fake, crashPoints, database, tlsCertificate, tlsKey]) command.Options.Add(option);
        policyDefaults.AcceptOnlyFromAmong("new", "legacy");
        listen.Validators.Add(r => Check(r, IsEndPoint, "is not ADDR:PORT (127.0.0.1:8700, 0.0.0.0:8700, [::]:8700)"));
        externalCidr.Validators.Add(r => Check(r, text => IPNetwork.TryParse(text, out var net) && net.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork && net.PrefixLength is >= 8 and <= 28, "is not an IPv4 range between /8 and /28 (172.24.4.0/24)"));
        publicUrl.Validators.Add(r => Check(r, IsBase, "is not an http or https URL without query (https://cloud.example/path)"));
        trustedProxies.Validators.Add(r => Check(r, text => IPAddress.TryParse(text, out _) || IPNetwork.TryParse(text, out _), "is not an address or a range (192.0.2.1, 10.0.0.0/8)"));
        return this;
    }

    public NephosOptions Read(ParseResult parsed, string state) => new()
    {
        State = state,
        Listen = parsed.GetValue(listen)!,
        Config = FullPath(parsed.GetValue(config))!,
        LegacyPolicy = parsed.GetValue(policyDefaults) == "legacy",
        PublicUrl = parsed.GetValue(publicUrl)?.TrimEnd('/'),
        TrustedProxies = parsed.GetValue(trustedProxies) ?? [],
        ClassicPorts = !parsed.GetValue(noClassicPorts),
        ExternalCidr = parsed.GetValue(externalCidr)!,
        HostNamespace = parsed.GetValue(hostNamespace),
        Fake = parsed.GetValue(fake),
        CrashPoints = parsed.GetValue(crashPoints),
        Database = DatabaseUrl.Given(parsed.GetValue(database)),
        TlsCertificate = FullPath(parsed.GetValue(tlsCertificate)),
        TlsKey = FullPath(parsed.GetValue(tlsKey)),
    };

    static string? FullPath(string? path) => path is null ? null : Path.GetFullPath(path);

    static bool IsEndPoint(string text) => IPEndPoint.TryParse(text, out var at) && at.Port != 0;

    static bool IsBase(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url is { Query: "", Fragment: "", UserInfo: "" };

    static void Check(OptionResult result, Func<string, bool> holds, string otherwise)
    {
        foreach (var token in result.Tokens.Where(t => !holds(t.Value))) result.AddError($"{result.Option.Name} {token.Value} {otherwise}");
    }
}
