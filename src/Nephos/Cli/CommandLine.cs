using System.CommandLine;
using Nephos.Kernel.Audit;
using Nephos.State;

namespace Nephos.Cli;

/// <summary>The commands and their options. What each does stands in a file of its own.</summary>
static class CommandLine
{
    public static RootCommand Root()
    {
        var root = new RootCommand("Nephos: OpenStack in one program.");
        var state = new Option<string>("--state") { Description = "The cloud's folder", HelpName = "DIR", DefaultValueFactory = _ => StateFolder.Default, Recursive = true };
        root.Options.Add(state);
        root.Subcommands.Add(Quickstart(state));
        root.Subcommands.Add(Up(state));
        root.Subcommands.Add(Dev());
        root.Subcommands.Add(Down(state));
        root.Subcommands.Add(Plain("status", "What runs, where, and how much of it", state, (folder, ct) => StatusCommand.Run(folder, ct)));
        root.Subcommands.Add(Logs(state));
        root.Subcommands.Add(Plain("doctor", "Checks this host and says how to mend what is missing", state, (folder, ct) => DoctorCommand.Run(folder, ct)));
        root.Subcommands.Add(Plain("loops", "What keeps the rows true: last runs and failures", state, (folder, ct) => LoopsCommand.Run(folder, ct)));
        root.Subcommands.Add(Audit(state));
        root.Subcommands.Add(Keys(state));
        root.Subcommands.Add(Node(state));
        root.Subcommands.Add(Image());
        root.Subcommands.Add(Policy(state));
        root.Subcommands.Add(Reset(state));
        root.Subcommands.Add(Plain("version", "The program's version", state, (_, _) => { Console.WriteLine(Release.Version); return Task.FromResult(0); }));
        root.Subcommands.Add(Docs());
        root.Subcommands.Add(Test());
        // What `up` starts as a process of its own; it reads its options from standard input.
        root.Subcommands.Add(Role("controller", Roles.ControllerRole.Run));
        root.SetAction(_ => { root.Parse("--help").Invoke(); return 1; });
        return root;
    }

    /// <summary>What is wrong with a command line, or null. The whole help would push the reason off the screen.</summary>
    public static string? Complaint(ParseResult parsed)
    {
        if (parsed.Errors.Count == 0 || parsed.Action is System.CommandLine.Help.HelpAction) return null;
        var command = parsed.CommandResult.Command;
        return $"nephos: {string.Join("\nnephos: ", parsed.Errors.Select(e => e.Message))}\n  ./nephos {(command is RootCommand ? "" : Spoken(command) + " ")}--help says what there is.";
    }

    /// <summary>A command with those above it, as it is typed.</summary>
    public static string Spoken(Command command) => command.Parents.OfType<Command>().FirstOrDefault() is { } parent and not RootCommand ? $"{Spoken(parent)} {command.Name}" : command.Name;

    static Command Docs()
    {
        var command = new Command("docs", "Writes the documents made from the program itself: commands, settings, operations, rules, and what is not here");
        var folder = new Argument<string>("DIR") { Description = "Where to", DefaultValueFactory = _ => Path.Combine("docs", "generated") };
        command.Arguments.Add(folder);
        Does(command, async (parsed, ct) =>
        {
            Directory.CreateDirectory(parsed.GetValue(folder)!);
            foreach (var (name, text) in await Documents.GeneratedDocuments.All()) await File.WriteAllTextAsync(Path.Combine(parsed.GetValue(folder)!, name), text, ct);
            return 0;
        });
        return command;
    }

    /// <summary>The start script runs the tests; here it is for the help's sake.</summary>
    static Command Test()
    {
        var command = new Command("test", "Runs the tests: all of them, or those of the kinds given");
        command.Arguments.Add(new Argument<string[]>("KIND") { Description = "unit, conformance, or the name of a test project or script", Arity = ArgumentArity.ZeroOrMore });
        Does(command, (_, _) => throw new Refusal("the tests are run by the start script", "./nephos test, in the folder of the sources."));
        return command;
    }

    static Command Up(Option<string> state)
    {
        var command = new Command("up", "Starts the cloud; the first start of an empty folder seeds it");
        var detach = new Option<bool>("--detach", "-d") { Description = "Go on in the background" };
        command.Options.Add(detach);
        var options = new UpOptions().On(command);
        Does(command, (parsed, ct) => UpCommand.Run(options.Read(parsed, Full(parsed, state)), parsed.GetValue(detach), ct));
        return command;
    }

    static Command Dev()
    {
        var command = new Command("dev", "The whole API over pretended servers, in a temporary folder: no root, no packages");
        var options = new UpOptions().On(command);
        var state = new Option<string?>("--state") { Description = "Keep the cloud in this folder", HelpName = "DIR" };
        command.Options.Add(state);
        Does(command, (parsed, ct) => DevCommand.Run(folder => options.Read(parsed, folder), parsed.GetValue(state), ct));
        return command;
    }

    static Command Quickstart(Option<string> state)
    {
        var command = new Command("quickstart", "From nothing to a server you can ssh into");
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask before installing packages" };
        command.Options.Add(yes);
        var options = new UpOptions().On(command);
        Does(command, (parsed, ct) => QuickstartCommand.Run(options.Read(parsed, Full(parsed, state)), ct));
        return command;
    }

    static Command Down(Option<string> state)
    {
        var command = new Command("down", "Stops the program; servers keep running");
        var stopServers = new Option<bool>("--stop-servers") { Description = "Shut the servers down first" };
        command.Options.Add(stopServers);
        Does(command, (parsed, ct) => DownCommand.Run(new StateFolder(Full(parsed, state)), parsed.GetValue(stopServers), ct));
        return command;
    }

    static Command Logs(Option<string> state)
    {
        var command = new Command("logs", "The log, or what belongs to one request");
        var request = new Argument<string?>("request") { Description = "A request id (req-...), or any id of a resource", Arity = ArgumentArity.ZeroOrOne };
        var lines = new Option<int>("--lines", "-n") { Description = "How many of the last lines", DefaultValueFactory = _ => 100 };
        command.Arguments.Add(request);
        command.Options.Add(lines);
        Does(command, (parsed, ct) => LogsCommand.Run(new StateFolder(Full(parsed, state)), parsed.GetValue(request), parsed.GetValue(lines), ct));
        return command;
    }

    static Command Audit(Option<string> state)
    {
        var command = new Command("audit", "Who did what to what, from where, and what came of it; the newest first");
        var filters = AuditFilters.All.Append(("limit", "N", "How many at most (100; with --json all)"))
            .Select(f => new Option<string?>("--" + f.Item1) { HelpName = f.Item2, Description = f.Item3 }).ToList();
        var json = new Option<bool>("--json") { Description = "CADF events, one a line" };
        foreach (var option in (Option[])[.. filters, json]) command.Options.Add(option);
        Does(command, (parsed, ct) => AuditCommand.Run(new StateFolder(Full(parsed, state)),
            filters.Where(f => parsed.GetValue(f) is not null).ToDictionary(f => f.Name[2..], f => parsed.GetValue(f)!, StringComparer.Ordinal), parsed.GetValue(json), ct));
        return command;
    }

    static Command Keys(Option<string> state)
    {
        var command = new Command("keys", "The keys that seal what is secret in the database");
        command.Subcommands.Add(Plain("rotate", "Seals everything anew with another key; nobody is logged out", state, (folder, ct) => KeysCommand.Rotate(folder, ct)));
        return command;
    }

    static Command Node(Option<string> state)
    {
        var command = new Command("node", "The hosts of the cloud");
        var orphans = new Command("orphans", "Guests on the hosts that the database does not know");
        var remove = new Option<Guid?>("--remove") { Description = "Ends one and removes its disks", HelpName = "ID" };
        orphans.Options.Add(remove);
        Does(orphans, (parsed, ct) => OrphansCommand.Run(new StateFolder(Full(parsed, state)), parsed.GetValue(remove), ct));
        command.Subcommands.Add(orphans);
        return command;
    }

    static Command Image()
    {
        var command = new Command("image", "Images of a cloud, as the openrc file says that was sourced");
        var export = new Command("export", "An image's disk as a file for another product");
        var image = new Argument<string>("image") { Description = "Its id or name" };
        var format = new Option<string>("--format", "-f") { Description = "raw, qcow2, vmdk, vmdk-stream, vhd, vhdx, vdi or ova", HelpName = "FORMAT", Required = true };
        var compress = new Option<bool>("--compress") { Description = "Compressed, where the format can (qcow2; vmdk-stream and ova always are)" };
        var output = new Option<string?>("--output", "-o") { Description = "The file; - is standard output, nothing the image's name", HelpName = "FILE" };
        export.Arguments.Add(image);
        foreach (var option in (Option[])[format, compress, output]) export.Options.Add(option);
        Does(export, (parsed, ct) => ImageExportCommand.Run(parsed.GetValue(image)!, parsed.GetValue(format)!, parsed.GetValue(compress), parsed.GetValue(output), ct));
        command.Subcommands.Add(export);
        return command;
    }

    static Command Policy(Option<string> state)
    {
        var command = new Command("policy", "Rules: their defaults, who passes them, and why somebody does not");
        foreach (var (name, description, print) in ((string, string, Func<string, Task<int>>)[])[("sample", "A service's rules as the file to put into /etc/nephos/policy", PolicyCommand.Sample), ("matrix", "Who passes which rule of a service by default", PolicyCommand.Matrix)])
        {
            var service = new Argument<string>("service") { Description = "identity, image, placement, compute or network" };
            var printing = new Command(name, description);
            printing.Arguments.Add(service);
            Does(printing, (parsed, _) => print(parsed.GetValue(service)!));
            command.Subcommands.Add(printing);
        }
        command.Subcommands.Add(Explain(state));
        return command;
    }

    static Command Explain(Option<string> state)
    {
        var command = new Command("explain", "Whether the running cloud lets somebody pass a rule, and why");
        var rule = new Argument<string>("rule") { Description = "Its name, os_compute_api:servers:create" };
        var token = new VariableOption("--as", "OS_TOKEN", "Whose token; - reads it from standard input") { HelpName = "TOKEN" };
        var target = new Option<string[]>("--target") { Description = "An attribute of the thing, project_id=ID; may be given several times. Else it is the caller's own", HelpName = "NAME=VALUE" };
        target.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(t => !t.Value.Contains('=', StringComparison.Ordinal)) is { } wrong) result.AddError($"--target: \"{wrong.Value}\" is not NAME=VALUE.");
        });
        command.Arguments.Add(rule);
        command.Options.Add(token);
        command.Options.Add(target);
        Does(command, async (parsed, ct) => await PolicyCommand.Explain(new StateFolder(Full(parsed, state)), parsed.GetValue(rule)!, await Token(parsed.GetValue(token), token.Variable),
            (parsed.GetValue(target) ?? []).Select(t => t.Split('=', 2)).ToDictionary(t => t[0], t => (string?)t[1], StringComparer.Ordinal), ct));
        return command;

        static async Task<string> Token(string? given, string variable) => (given == "-" ? await Console.In.ReadLineAsync() : given ?? Environment.GetEnvironmentVariable(variable)) is { Length: > 0 } text
            ? text.Trim() : throw new Refusal("whose rights? No token was given", "--as TOKEN, or --as - with the token on standard input, or $OS_TOKEN.");
    }

    static Command Reset(Option<string> state)
    {
        var command = new Command("reset", "Removes everything this cloud made: servers, networks, files");
        var yes = new Option<bool>("--yes", "-y") { Description = "Really" };
        command.Options.Add(yes);
        Does(command, (parsed, ct) => ResetCommand.Run(new StateFolder(Full(parsed, state)), parsed.GetValue(yes), ct));
        return command;
    }

    static Command Plain(string name, string description, Option<string> state, Func<StateFolder, CancellationToken, Task<int>> run)
    {
        var command = new Command(name, description);
        Does(command, (parsed, ct) => run(new StateFolder(Full(parsed, state)), ct));
        return command;
    }

    static Command Role(string name, Func<CancellationToken, Task<int>> run)
    {
        var command = new Command(name) { Hidden = true };
        Does(command, (_, ct) => run(ct));
        return command;
    }

    static string Full(ParseResult parsed, Option<string> state) => Path.GetFullPath(parsed.GetValue(state)!);

    static void Does(Command command, Func<ParseResult, CancellationToken, Task<int>> run) => command.SetAction(async (parsed, ct) =>
    {
        try { return await run(parsed, ct); }
        catch (Refusal refusal)
        {
            await Console.Error.WriteLineAsync($"nephos: {refusal.Message}");
            if (refusal.Mend is { } mend) await Console.Error.WriteLineAsync($"  {mend}");
            return 1;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested) { return 130; }
        catch (Exception bug)
        {
            await Console.Error.WriteLineAsync($"nephos: unexpected, please report it: {bug}");
            return 70;
        }
    });
}
