using Nephos.Client;
using Nephos.Cloud;
using Nephos.Drivers.Exec;
using Nephos.Kernel.Settings;
using Nephos.Roles;
using Nephos.State;
using Microsoft.Extensions.Logging.Abstractions;

namespace Nephos.Cli;

/// <summary><c>nephos up</c>.</summary>
static class UpCommand
{
    public static async Task<int> Run(NephosOptions options, bool detach, CancellationToken ct)
    {
        Refuse(options);
        if (detach)
        {
            var folder = new StateFolder(options.State);
            if (folder.Exists && folder.Holder() is not null) throw Supervisor.Taken(folder);
            await Background.Start(options, Console.WriteLine, ct);
            return 0;
        }
        using var stop = new StopSignals(ct);
        try { await new Supervisor(options, Console.WriteLine).Run(stop.Token); }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested) { /* Asked to stop while starting. */ }
        return 0;
    }

    /// <summary>What makes no sense is said before anything is made.</summary>
    public static void Refuse(NephosOptions options)
    {
        if (!options.Fake && !Environment.IsPrivilegedProcess)
            throw new Refusal("real servers and networks need root", "sudo ./nephos up   (or ./nephos dev: the whole API over pretended servers, as any user)");
        if (options.TlsCertificate is null != options.TlsKey is null) throw new Refusal("--tls-cert and --tls-key go together");
        try { OperatorSettings.Check(options); }
        catch (SettingRefused e) { throw new Refusal(e.Message); }
        if (options.HostNamespace is { } name && !File.Exists($"/run/netns/{name}")) throw new Refusal($"there is no network namespace {name}", $"ip netns add {name}");
    }
}

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
        await commands.Must("/bin/sh", ["-c", "exec setsid -f \"$@\" >>\"$0\" 2>&1 </dev/null", output, Environment.ProcessPath!, typeof(Background).Assembly.Location, .. Arguments(options)], ct);

        var told = 0;
        while (true)
        {
            await Task.Delay(50, ct);
            var lines = await File.ReadAllTextAsync(output, ct);
            for (var end = lines.IndexOf('\n', told); end >= 0; told = end + 1, end = lines.IndexOf('\n', told)) if (!lines.AsSpan(told).StartsWith("nephos: ")) say(lines[told..end]);
            if (lines.Contains("\n  source ", StringComparison.Ordinal) && lines.EndsWith('\n')) return;
            if (lines.Contains("nephos: ", StringComparison.Ordinal) && folder.Holder() is null) throw new Refusal($"the cloud did not start:\n{lines.TrimEnd()}", $"./nephos logs --state {folder.Path}");
        }
    }

    static IEnumerable<string> Arguments(NephosOptions options)
    {
        yield return "up";
        foreach (var (name, value) in ((string, string?)[])[
            ("--state", options.State), ("--config", options.Config), ("--listen", options.Listen), ("--public-url", options.PublicUrl), ("--external-cidr", options.ExternalCidr),
            ("--host-namespace", options.HostNamespace), ("--database", options.Database), ("--tls-cert", options.TlsCertificate), ("--tls-key", options.TlsKey)])
            if (value is not null) { yield return name; yield return value; }
        foreach (var proxy in options.TrustedProxies) { yield return "--trusted-proxies"; yield return proxy; }
        if (!options.ClassicPorts) yield return "--no-classic-ports";
        if (options.Fake) yield return "--fake";
    }
}
