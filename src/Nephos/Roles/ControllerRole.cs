using Nephos.Cloud;

namespace Nephos.Roles;

/// <summary>The controller as a process of its own, as the user <c>nephos</c>.</summary>
static class ControllerRole
{
    public static Task<int> Run(CancellationToken ct) => Lifeline.Live<ControllerStart>(async (start, stop) =>
    {
        await using var cloud = await CloudHost.Start(start, stop);
        foreach (var port in cloud.TakenPorts) await Console.Error.WriteLineAsync($"port {port} is taken by another program and skipped");
        await Until(stop);
        return 0;
    }, ct);

    /// <summary>Ends when the token is cancelled.</summary>
    public static Task Until(CancellationToken ct)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ct.Register(ended.SetResult);
        return ended.Task;
    }
}
