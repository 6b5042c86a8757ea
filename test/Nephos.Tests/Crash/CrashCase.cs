using Microsoft.Extensions.DependencyInjection;
using Nephos.Cloud;
using Nephos.Contracts;
using Nephos.Kernel.Data;
using Nephos.Kernel.Operations;
using Nephos.Roles;


namespace Nephos.Tests.Crash;

/// <summary>A point at which the program dies.</summary>
internal sealed record CrashCase(string Operation, string Step, string Where)
{
    public bool IsUndo => Step.StartsWith("undo-", StringComparison.Ordinal);

    public override string ToString() => $"{Operation}/{Step}/{Where}";

    /// <summary>Before, inside and after every step of every operation that the program registers; also while it unwinds, for those that <see cref="Trigger"/> can make fail.</summary>
    public static async Task<List<CrashCase>> All()
    {
        using var temp = new TempFolder();
        var services = new ServiceCollection().AddLogging().AddDatabase(new DatabaseOptions { SqlitePath = temp["nephos.db"] });
        Services.Add(services, new ControllerStart(new NephosOptions { State = temp.Path, Fake = true }, "00000000", temp.Path, temp["s"], null, null));
        await using var provider = services.BuildServiceProvider();
        return [.. from operation in provider.GetServices<Operation>()
                   from step in operation.AnySteps
                   from name in step.Undo is not null && Trigger.Of(operation.Kind).CanFail ? (string[])[step.Name, "undo-" + step.Name] : [step.Name]
                   from place in (string[])["before", "inside", "after"]
                   select new CrashCase(operation.Kind, name, place)];
    }

    /// <summary>So that no two neighbours are of one operation: the life that recovers one case is armed for the next.</summary>
    public static List<CrashCase> Alternating(IEnumerable<CrashCase> cases)
    {
        var waiting = cases.GroupBy(c => c.Operation).Select(g => new Queue<CrashCase>(g)).ToList();
        var ordered = new List<CrashCase>();
        while (waiting.Where(q => q.Count > 0).OrderByDescending(q => q.Peek().Operation == ordered.LastOrDefault()?.Operation ? 0 : q.Count).FirstOrDefault() is { } next) ordered.Add(next.Dequeue());
        return ordered;
    }
}
