using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Nephos.Cli;
using Nephos.Client;
using Nephos.Cloud;
using Nephos.Doctor;
using Nephos.Drivers.Exec;
using Nephos.Link;
using Nephos.Logging;
using Nephos.Seed;
using Nephos.State;
using Nephos.Tls;

namespace Nephos.Roles;

/// <summary>
/// What <c>up</c> is: holds the state folder, starts the controller (as root: a process of its own as another user) and the node, seeds a
/// new cloud, and ends them in the opposite order. Guests outlive it.
/// </summary>
sealed class Supervisor(NephosOptions options, Action<string> say)
{
    readonly StateFolder folder = new(options.State);

    public async Task Run(CancellationToken ct)
    {
        var isPort = IPEndPoint.Parse(options.Listen);
        var certificate = await Certificate(ct);
        folder.Create();
        using var held = folder.TryLock() ?? throw Taken(folder);
        await EarlierRoles(ct);
        if (!ClassicPorts.IsFree(isPort)) throw new Refusal($"{options.Listen} is taken by another program", "Choose another by --listen ADDR:PORT.");
        await File.WriteAllTextAsync(folder.PidFile, Environment.ProcessId.ToString(CultureInfo.InvariantCulture), ct);
        await File.WriteAllTextAsync(folder.OptionsFile, JsonSerializer.Serialize(options.WithoutSecrets, LinkJson.Options), ct);
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(new JsonFileLogger(Path.Combine(folder.Log, "nephos.log"), TimeProvider.System)));
        var credentials = Credentials.Of(folder);
        credentials.Write(folder, options.LocalUrl, certificate is not null && certificate.Covers(new Uri(options.LocalUrl).IdnHost) ? certificate.Authority() : null);

        var start = new ControllerStart(options, folder.CloudId, folder.Controller, folder.LinkSocket, File.Exists(folder.SeededMark) ? null : credentials.Admin, certificate, OperatorSettings.Read(options));
        try
        {
            if (options.Fake || !Environment.IsPrivilegedProcess) await InOneProcess(start, credentials, ct);
            else await AsTwoProcesses(start, credentials, loggers, ct);
        }
        finally { File.Delete(folder.PidFile); }
    }

    async Task InOneProcess(ControllerStart start, Credentials credentials, CancellationToken ct)
    {
        await using var cloud = await CloudHost.Start(start, ct);
        Skipped(cloud.TakenPorts);
        await using var node = await RunningNode.Start(NodeStart(null, null), cloud.Link, ct);
        await Ready(credentials, ct);
        await ControllerRole.Until(ct);
    }

    async Task AsTwoProcesses(ControllerStart start, Credentials credentials, ILoggerFactory loggers, CancellationToken ct)
    {
        var commands = new Commands(loggers, TimeProvider.System);
        await RefuseHost(commands, ct);
        var user = new SystemUser(commands, SystemUser.Controller);
        // Whom a hostile image takes over must own nothing of a guest's.
        var (guests, images) = (new SystemUser(commands, SystemUser.Guests), new SystemUser(commands, SystemUser.Images));
        foreach (var needed in (SystemUser[])[user, guests, images]) await needed.Ensure(ct);
        await user.Own(folder.Controller, ct);
        await user.Own(folder.LinkFolder, ct);
        await RefuseUnreadable(user, ct);
        var log = loggers.CreateLogger<Supervisor>();
        await using var controller = RoleProcess.Begin("controller", user.Prefix(IPEndPoint.Parse(options.Listen).Port), new(folder.CloudId), start, log, TimeProvider.System);
        await Healthy(controller, ct);
        if (options.ClassicPorts) Skipped([.. controller.LastWords.Split('\n').Where(l => l.StartsWith("port ", StringComparison.Ordinal)).Select(l => int.Parse(l.Split(' ')[1], CultureInfo.InvariantCulture))]);

        using var link = new LinkClient(folder.LinkSocket);
        await using var node = await RunningNode.Start(NodeStart(await guests.Numbers(ct), await images.Numbers(ct)), link, ct);
        await Ready(credentials, ct);
        await ControllerRole.Until(ct);
        log.LogInformation("Stopping");
    }

    /// <summary>A supervisor that was killed leaves its controller a moment in which to end, and what that was running none; two must never work on one database.</summary>
    async Task EarlierRoles(CancellationToken ct)
    {
        foreach (var earlier in new Children(new(folder.CloudId), NullLoggerFactory.Instance).All(RoleProcess.Kind))
            if (!await earlier.Ended(earlier.Program == Environment.ProcessPath ? TimeSpan.FromSeconds(10) : TimeSpan.Zero, TimeProvider.System, ct))
            {
                earlier.Kill();
                await earlier.Ended(TimeSpan.FromSeconds(5), TimeProvider.System, ct);
            }
    }

    NodeStart NodeStart(RunAs? guests, RunAs? images) => new(options, folder.CloudId, folder.Node, folder.Run, folder.Log, guests, images);

    /// <summary>Waits until the controller answers; a controller that dies at its start is a refusal with its last words.</summary>
    async Task Healthy(RoleProcess controller, CancellationToken ct)
    {
        using var http = UnixHttp.To(folder.LinkSocket, TimeSpan.FromSeconds(5));
        while (true)
        {
            if (controller.Deaths > 0) throw new Refusal($"the controller does not start:\n{controller.LastWords}", $"More in {folder.Controller}/log/controller.log");
            if (await Answers(http, ct)) return;
            await Task.Delay(25, ct);
        }
    }

    /// <summary>True if the controller answers on its socket now.</summary>
    public static async Task<bool> Answers(HttpClient http, CancellationToken ct)
    {
        try
        {
            using var answer = await http.GetAsync("healthz", ct);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !ct.IsCancellationRequested)) { return false; }
    }

    async Task Ready(Credentials credentials, CancellationToken ct)
    {
        if (!File.Exists(folder.SeededMark))
        {
            say("Seeding the new cloud ...");
            using var cloud = new CloudClient(UnixHttp.To(folder.LinkSocket, TimeSpan.FromMinutes(5)));
            try { await new Seeder(cloud, options, credentials).Run(ct); }
            catch (CloudRefused refused) when (refused.Status is HttpStatusCode.ServiceUnavailable or HttpStatusCode.RequestEntityTooLarge)
            {
                throw new Refusal($"The new cloud cannot be filled: {refused.Message}", "When that is mended, start again: it goes on where it was.");
            }
            await File.WriteAllTextAsync(folder.SeededMark, Release.Version + "\n", ct);
        }
        say($"The cloud answers at {options.LocalUrl}");
        say($"  source {folder.AdminOpenrc}    (or demo-openrc; clouds.yaml is beside them)");
    }

    void Skipped(IReadOnlyList<int> ports)
    {
        if (ports.Count > 0) say($"Classic ports taken by other programs, so skipped: {string.Join(", ", ports)}");
    }

    /// <summary>What would fail later, and less clearly.</summary>
    async Task RefuseHost(Commands commands, CancellationToken ct)
    {
        if (HostChecks.MissingPackages is { Count: > 0 } missing)
            throw new Refusal($"packages are missing on this host: {string.Join(", ", missing)}", $"apt-get install --no-install-recommends {string.Join(' ', missing)}   (`nephos quickstart` does it; `nephos dev` needs none)");
        if (options.HostNamespace is null && await Routes.Overlap(commands, options.ExternalCidr, folder.CloudId, ct) is { } route)
            throw new Refusal($"the external range {options.ExternalCidr} is already routed by this host: {route}", "Choose another by --external-cidr CIDR.");
    }

    /// <summary>The controller's user must be able to read the program; in a private home it cannot, and then the reason would be hard to see.</summary>
    async Task RefuseUnreadable(SystemUser user, CancellationToken ct)
    {
        foreach (var path in (string[])[Environment.ProcessPath!, typeof(Supervisor).Assembly.Location])
            if (!await user.CanRead(path, ct))
                throw new Refusal($"the user {SystemUser.Controller}, as whom the API runs, cannot read {path}",
                    "Put the project and .NET where everybody may read (/opt/nephos, /usr/share/dotnet), or open the folders above: chmod o+x.");
        if (!await user.CanRead(folder.Controller, ct))
            throw new Refusal($"the user {SystemUser.Controller}, as whom the API runs, cannot enter {folder.Controller}", "Choose a --state DIR whose parents everybody may pass through, or open them: chmod o+x.");
    }

    public static Refusal Taken(StateFolder folder) => new(folder.Holder() is > 0 and var pid
        ? $"process {pid} already runs the cloud in {folder.Path}" : $"another process holds {folder.Path}", $"{folder.Command("status")} shows it; {folder.Command("down")} stops it.");

    /// <summary>The API's certificate, with what clients will hold against it said.</summary>
    async Task<ServerCertificate?> Certificate(CancellationToken ct)
    {
        if (options.TlsCertificate is null) return null;
        var certificate = await ServerCertificate.Read(options.TlsCertificate, options.TlsKey!, ct);
        foreach (var finding in CertificateChecks.Of(certificate, options, TimeProvider.System.GetUtcNow()).Where(f => f.Verdict != Verdict.Good))
            say($"Note on the certificate: {finding.Text}\n  {finding.Mend}");
        return certificate;
    }
}
