using Microsoft.Extensions.Logging.Abstractions;
using Nephos.Client;
using Nephos.Drivers.Exec;
using Nephos.Quickstart;
using Nephos.Seed;
using Nephos.State;

namespace Nephos.Cli;

/// <summary><c>nephos quickstart</c>: from here (packages and build are done by the start script) to a server that answers SSH. May be cut off and run again at any point.</summary>
static class QuickstartCommand
{
    public static async Task<int> Run(NephosOptions options, CancellationToken ct)
    {
        UpCommand.Refuse(options);
        var folder = new StateFolder(options.State);
        var commands = new Commands(NullLoggerFactory.Instance, TimeProvider.System);
        if (folder.Exists && folder.Holder() is not null) options = RunningOptions.Of(folder) ?? options;
        folder.Create();
        using var cloud = new CloudClient(UnixHttp.To(folder.LinkSocket, TimeSpan.FromMinutes(2)));
        var demo = new DemoServer(cloud, commands, options);
        var phases = new Phases(Environment.GetEnvironmentVariable("NEPHOS_PHASES"));
        var notes = new List<string>();

        var plan = new List<(string, Func<Action<string>, Task>)>();
        if (!options.Fake) plan.Add(("guest image", _ => GuestFiles.Build(commands, ct)));
        plan.Add(("cloud", say => Up(folder, options, line => { notes.Add(line); say(line); }, ct)));
        plan.Add(("access", async _ =>
        {
            var credentials = Credentials.Existing(folder) ?? throw new Refusal($"{folder.DemoOpenrc} is missing");
            await cloud.LogIn("demo", credentials.Demo.Reveal(), "demo", ct);
            await demo.Prepare(ct);
        }
        ));
        plan.Add(("server", say => demo.Boot(say, ct)));
        plan.Add(("floating address", _ => demo.Float(ct)));
        if (!options.Fake) plan.Add(("ssh", say => demo.WaitForSsh(say, ct)));
        await phases.Run(plan);

        foreach (var note in notes.Where(n => n.StartsWith("Classic ports", StringComparison.Ordinal))) Console.WriteLine(note);
        Console.WriteLine($"""

            A cloud runs at {options.LocalUrl} with a server in it.

              users         admin, demo (passwords in the files below)
              as demo       source {folder.DemoOpenrc}
              as admin      source {folder.AdminOpenrc}
              SDK           export OS_CLIENT_CONFIG_FILE={folder.CloudsYaml} OS_CLOUD=nephos
              server        demo, {demo.FixedAddress} on private, {demo.FloatingAddress} on public
              ssh           {(options.Fake ? "a pretended server answers nobody" : $"{(options.HostNamespace is { } name ? $"ip netns exec {name} " : "")}{demo.ConsoleCommand}")}
              next          openstack server list
                            {folder.Command("status")}
                            {folder.Command("down")}

            """);
        foreach (var (phase, took) in phases.Done) Console.WriteLine($"  {phase,-16} {took.TotalSeconds,6:0.0} s");
        return 0;
    }

    static async Task Up(StateFolder folder, NephosOptions options, Action<string> say, CancellationToken ct)
    {
        using var http = UnixHttp.To(folder.LinkSocket, TimeSpan.FromSeconds(5));
        if (folder.Holder() is null)
        {
            await Background.Start(options, say, ct);
            return;
        }
        // It runs, or is just starting in another terminal.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        while (!File.Exists(folder.SeededMark) || !await Roles.Supervisor.Answers(http, limit.Token)) await Task.Delay(200, limit.Token);
    }
}

/// <summary>How the running program was started.</summary>
static class RunningOptions
{
    public static NephosOptions? Of(StateFolder folder) =>
        File.Exists(folder.OptionsFile) ? System.Text.Json.JsonSerializer.Deserialize<NephosOptions>(File.ReadAllText(folder.OptionsFile), Link.LinkJson.Options) : null;
}
