using Nephos.Cloud;
using Nephos.Kernel.Settings;
using Nephos.Roles;
using Nephos.State;

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
