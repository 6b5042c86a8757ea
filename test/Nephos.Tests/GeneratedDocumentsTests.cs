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
}
