using Nephos.Documents;
using Nephos.Tests.Architecture;
using Xunit;

namespace Nephos.Tests;

public sealed class GeneratedDocumentsTests
{
    [Fact]
    public async Task Documents_say_what_the_program_does()
    {
        var folder = Path.Combine(Repository.Root, "docs", "generated");
        var made = await GeneratedDocuments.All();
        var kept = Directory.Exists(folder) ? Directory.EnumerateFiles(folder).ToDictionary(f => Path.GetFileName(f)!, File.ReadAllText, StringComparer.Ordinal) : [];
        var stale = made.Where(m => kept.GetValueOrDefault(m.Key) != m.Value).Select(m => m.Key).Union(kept.Keys.Except(made.Keys)).Order(StringComparer.Ordinal).ToList();
        Assert.True(stale.Count == 0, $"Not as the program is: {string.Join(", ", stale)}. Run `./nephos docs` and commit docs/generated.");
    }

    [Fact]
    public async Task Each_official_operation_is_here_or_absent_for_a_reason()
    {
        var services = await GeneratedDocuments.Services();
        var gaps = ParityLedger.Rows(services).Where(r => !r.Here && r.Note is null).Select(r => $"{r.List} {r.Method} {r.Path} {r.Action}");
        Assert.True(!gaps.Any(), $"No route and no note in Documents/Parity/notes.tsv: {string.Join("; ", gaps)}");
        Assert.True(!ParityLedger.StaleNotes(services).Any(), $"Here by now; take it out of Documents/Parity/notes.tsv: {string.Join("; ", ParityLedger.StaleNotes(services))}");
    }

    [Fact]
    public void Every_option_of_every_command_says_what_it_does()
    {
        Assert.Empty(Below(Cli.CommandLine.Root()).SelectMany(c => c.Options.Where(o => !o.Hidden && string.IsNullOrEmpty(o.Description)).Select(o => $"{c.Name} {o.Name}")
            .Concat(c.Arguments.Where(a => string.IsNullOrEmpty(a.Description)).Select(a => $"{c.Name} {a.Name}"))));

        static IEnumerable<System.CommandLine.Command> Below(System.CommandLine.Command command) => command.Subcommands.Where(c => !c.Hidden).SelectMany(Below).Prepend(command);
    }
}
