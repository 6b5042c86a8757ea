using Nephos.Client;
using Nephos.State;

namespace Nephos.Cli;

/// <summary>The cloud that commands for operators ask.</summary>
static class RunningCloud
{
    /// <summary>HTTP to its controller; refused, with what to do, where none runs.</summary>
    public static HttpClient Of(StateFolder folder, TimeSpan limit) => folder.Exists && folder.Holder() is not null
        ? UnixHttp.To(folder.LinkSocket, limit)
        : throw new Refusal($"no cloud runs in {folder.Path}", $"{folder.Command("up")} starts it.");
}
