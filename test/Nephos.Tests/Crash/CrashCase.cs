using Microsoft.Extensions.DependencyInjection;
using Nephos.Cloud;
using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Data;
using Nephos.Kernel.Operations;
using Nephos.Roles;

namespace Nephos.Tests.Crash;

/// <summary>A point at which the program dies.</summary>
/// <param name="Operation">An operation, or <c>Node</c>.</param>
internal sealed record CrashCase(string Operation, string Step, string Where)
{
    public bool IsUndo => Step.StartsWith("undo-", StringComparison.Ordinal);

    public override string ToString() => $"{Operation}/{Step}/{Where}";

    /// <summary>Before, inside and after every step of the node and of every operation that the program registers; also while it unwinds, for those that <see cref="Trigger"/> can make fail.</summary>
    public static async Task<List<CrashCase>> All()
    {
        using var temp = new TempFolder();
        var services = new ServiceCollection().AddLogging().AddDatabase(new DatabaseOptions { SqlitePath = temp["nephos.db"] }).AddApi(new ApiOptions());
        Services.Add(services, new ControllerStart(new NephosOptions { State = temp.Path, Fake = true }, "00000000", temp.Path, temp["s"], null, null));
        await using var provider = services.BuildServiceProvider();
        var steps = from operation in provider.GetServices<Operation>()
                    from step in operation.AnySteps
                    from name in step.Undo is not null && Trigger.Of(operation.Kind).Fails is not null ? (string[])[step.Name, "undo-" + step.Name] : [step.Name]
                    select (operation.Kind, name);
        return [.. from step in steps.Concat(Trigger.NodeSteps.Select(name => ("Node", name)))
                   from place in (string[])["before", "inside", "after"]
                   select new CrashCase(step.Item1, step.Item2, place)];
    }
}
