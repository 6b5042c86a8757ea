using Microsoft.Extensions.Logging.Abstractions;
using Nephos.Drivers.Exec;
using Nephos.State;

namespace Nephos.Cli;

/// <summary>Starts <c>up</c> as a process of its own, away from this terminal, and waits until it is ready.</summary>
static class Background
{
    public static async Task Start(NephosOptions options, Action<string> say, CancellationToken ct)
    {
        var folder = new StateFolder(options.State);
        folder.Create();
        var output = Path.Combine(folder.Log, "up.log");
        await File.WriteAllTextAsync(output, "", ct);
        var commands = new Commands(NullLoggerFactory.Instance, TimeProvider.System);
        await commands.Must(new Command("/bin/sh", ["-c", "exec setsid -f \"$@\" >>\"$0\" 2>&1 </dev/null", output, Environment.ProcessPath!, typeof(Background).Assembly.Location, .. Arguments(options)])
        {
            // Arguments are seen by every user of the host, the environment by the process's own only.
            Environment = new Dictionary<string, string?> { [DatabaseUrl.Variable] = options.Database?.Reveal() },
        }, ct);

        var (told, held) = (0, false);
        for (var look = 0; ; look++)
        {
            await Task.Delay(50, ct);
            var text = await File.ReadAllTextAsync(output, ct);
            var lines = text[..(text.LastIndexOf('\n') + 1)].Split('\n')[..^1];
            // What stands before a refusal was progress; the rest is its reason.
            var refused = Array.FindIndex(lines, l => l.StartsWith("nephos: ", StringComparison.Ordinal));
            for (; told < (refused < 0 ? lines.Length : refused); told++) say(lines[told]);
            if (lines.Any(l => l.StartsWith("  source ", StringComparison.Ordinal))) return;
            // Seldom: who asks for the holder is in its way for an instant.
            if (refused < 0 && look % 20 != 0) continue;
            var ended = folder.Holder() is null;
            if (ended && (refused >= 0 || held)) throw new Refusal($"the cloud did not start:\n{(refused < 0 ? "it was killed" : string.Join('\n', lines[refused..]))}", folder.Command("logs"));
            held |= !ended;
        }
    }

    static IEnumerable<string> Arguments(NephosOptions options)
    {
        yield return "up";
        foreach (var (name, value) in ((string, string?)[])[
            ("--state", options.State), ("--config", options.Config), ("--listen", options.Listen), ("--public-url", options.PublicUrl), ("--external-cidr", options.ExternalCidr),
            ("--host-namespace", options.HostNamespace), ("--tls-cert", options.TlsCertificate), ("--tls-key", options.TlsKey)])
            if (value is not null) { yield return name; yield return value; }
        foreach (var proxy in options.TrustedProxies) { yield return "--trusted-proxies"; yield return proxy; }
        if (!options.ClassicPorts) yield return "--no-classic-ports";
        if (options.Fake) yield return "--fake";
        if (options.CrashPoints) yield return "--crash-points";
    }
}
