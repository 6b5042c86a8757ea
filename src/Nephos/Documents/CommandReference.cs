using System.CommandLine;
using System.Text;
using Nephos.Cli;
using Nephos.Cloud;
using Nephos.Kernel.Api;
using Nephos.Seed;
using Nephos.State;

namespace Nephos.Documents;

/// <summary>Every command with its options, from what <c>--help</c> reads; and the variables and files that have a say besides.</summary>
static class CommandReference
{
    public static string Text(IReadOnlyList<ServiceApi> services)
    {
        var root = CommandLine.Root();
        var text = new StringBuilder("# Commands, variables and files\n\nMade by `./nephos docs` from the commands themselves.\n");
        text.Append("\n## For every command\n\n");
        Options(text, root);
        foreach (var command in root.Subcommands) Command(text, "nephos", command);

        text.Append($"""

            ## Variables

            | variable | decides |
            | --- | --- |
            | {Credentials.AdminPassword} | Password of the user admin, at the first start of an empty folder; random otherwise. |
            {string.Join('\n', Variables(root).GroupBy(v => (v.Variable, v.Option), v => $"`{v.Command}`").Select(v => $"| {v.Key.Variable} | `{v.Key.Option}` of {string.Join(", ", v)}, where that is not given. |"))}

            ## Files that are read

            | file | decides |
            | --- | --- |
            {string.Join('\n', OperatorSettings.All.Select(s => $"| /etc/nephos/{s.Service}.conf | Settings of {s.Service}, read at the start: [settings.md](settings.md). |"))}
            {string.Join('\n', services.Select(s => $"| /etc/nephos/policy/{s.Type}.yaml | Rules of {s.Type} that differ from [policy-{s.Type}.yaml](policy-{s.Type}.yaml); read again when it changes. |"))}
            | FILE of `--database @FILE` | One line: the URL of the database. |
            | FILE of `--tls-cert`, `--tls-key` | PEM; the certificate with its chain. |

            `--config DIR` takes another folder than /etc/nephos. A file that is not there decides nothing.

            ## Files that are written

            | file in the state folder | holds |
            | --- | --- |
            {string.Join('\n', Written().Select(w => $"| {Path.GetFileName(w.File)} | {w.Holds} |"))}

            """);
        return text.ToString();
    }

    static void Command(StringBuilder text, string parents, Command command)
    {
        if (command.Hidden) return;
        var name = $"{parents} {command.Name}";
        text.Append($"\n## {name}{string.Concat(command.Arguments.Select(a => a.Arity.MinimumNumberOfValues > 0 ? $" {Shown(a)}" : $" [{Shown(a)}{(a.Arity.MaximumNumberOfValues > 1 ? "..." : "")}]"))}\n\n{command.Description}.\n");
        if (command.Arguments.Count > 0)
        {
            text.Append("\n| argument | default | meaning |\n| --- | --- | --- |\n");
            foreach (var argument in command.Arguments) text.Append($"| {Shown(argument)} | {(argument.HasDefaultValue ? argument.GetDefaultValue() : "")} | {argument.Description} |\n");
        }
        if (command.Options.Any(o => !o.Hidden))
        {
            text.Append('\n');
            Options(text, command);
        }
        foreach (var below in command.Subcommands) Command(text, name, below);
    }

    static string Shown(Argument argument) => argument.Name.ToUpperInvariant();

    static void Options(StringBuilder text, Command command)
    {
        text.Append("| option | default | variable | meaning |\n| --- | --- | --- | --- |\n");
        foreach (var option in command.Options.Where(o => !o.Hidden).OrderBy(o => o.Name, StringComparer.Ordinal))
        {
            var names = string.Join(", ", option.Aliases.Where(a => a[0] == '-').Order(StringComparer.Ordinal).Prepend(option.Name).Select(n => $"`{n}`"));
            var value = option.HelpName is { } shown ? $" {shown.Replace("|", "\\|", StringComparison.Ordinal)}" : "";
            text.Append($"| {names}{value} | {Default(option)} | {(option as VariableOption)?.Variable} | {(option as VariableOption)?.Meaning ?? option.Description} |\n");
        }
    }

    // Where state lives depends on who asks.
    static object? Default(Option option) => !option.HasDefaultValue || option.ValueType == typeof(bool) ? null : option.Recursive && option.Name == "--state" ? StateFolder.DefaultShown : option.GetDefaultValue();

    static IEnumerable<(string Variable, string Command, string Option)> Variables(Command command) =>
        command.Options.OfType<VariableOption>().Select(o => (o.Variable, CommandLine.Spoken(command), o.Name)).Concat(command.Subcommands.SelectMany(Variables));

    static IEnumerable<(string File, string Holds)> Written()
    {
        var folder = new StateFolder("/");
        return ((string, string)[])
        [
            (folder.AdminOpenrc, "What `source` takes, for the user admin; mode 600."),
            (folder.DemoOpenrc, "The same for demo."),
            (folder.CloudsYaml, "Both for SDKs: `nephos` and `nephos-admin`."),
            (folder.Authority, "The authority behind the API's certificate, where clients have to be told of it."),
            (folder.Controller, "Database (SQLite), images, keys."),
            (folder.Node, "Guests' disks and consoles, bases of images."),
            (folder.Log, "What the processes said; `nephos logs` reads it."),
        ];
    }
}
