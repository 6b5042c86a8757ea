using System.Collections.Frozen;

namespace Nephos.Compute.Servers;

/// <summary>nova's <c>vm_state</c>: what a server settled in.</summary>
internal static class VmState
{
    public const string Building = "building";
    public const string Active = "active";
    public const string Paused = "paused";
    public const string Suspended = "suspended";
    public const string Stopped = "stopped";
    public const string Error = "error";
    public const string Deleted = "deleted";
}

/// <summary>nova's <c>task_state</c>: what is done to it now.</summary>
internal static class TaskState
{
    public const string Scheduling = "scheduling";
    public const string Networking = "networking";
    public const string Spawning = "spawning";
    public const string Deleting = "deleting";
    public const string PoweringOff = "powering-off";
    public const string PoweringOn = "powering-on";
    public const string Rebooting = "rebooting";
    public const string RebootingHard = "rebooting_hard";
    public const string Pausing = "pausing";
    public const string Unpausing = "unpausing";
    public const string Suspending = "suspending";
    public const string Resuming = "resuming";
    public const string ImageSnapshot = "image_snapshot";
    public const string ImageBackup = "image_backup";
    public const string ImageUploading = "image_uploading";
    public const string Rebuilding = "rebuilding";
}

/// <summary>The word users see, made of both states.</summary>
internal static class ServerStatus
{
    private static readonly FrozenDictionary<string, string> Settled = new Dictionary<string, string>
    {
        [VmState.Building] = "BUILD", [VmState.Active] = "ACTIVE", [VmState.Paused] = "PAUSED", [VmState.Suspended] = "SUSPENDED",
        [VmState.Stopped] = "SHUTOFF", [VmState.Error] = "ERROR", [VmState.Deleted] = "DELETED",
        ["rescued"] = "RESCUE", ["resized"] = "VERIFY_RESIZE", ["soft-delete"] = "SOFT_DELETED", ["shelved"] = "SHELVED", ["shelved_offloaded"] = "SHELVED_OFFLOADED",
    }.ToFrozenDictionary();

    // What a task makes of a state; other tasks do not show.
    private static readonly FrozenDictionary<(string Vm, string Task), string> Moving = new Dictionary<(string, string), string>
    {
        [(VmState.Active, TaskState.Rebooting)] = "REBOOT", [(VmState.Active, TaskState.RebootingHard)] = "HARD_REBOOT",
        [(VmState.Active, TaskState.Rebuilding)] = "REBUILD", [(VmState.Stopped, TaskState.Rebuilding)] = "REBUILD", [(VmState.Error, TaskState.Rebuilding)] = "REBUILD",
        [(VmState.Stopped, TaskState.RebootingHard)] = "HARD_REBOOT",
    }.ToFrozenDictionary();

    public static string Of(string vmState, string? task) =>
        task is not null && Moving.TryGetValue((vmState, task), out var moving) ? moving : Settled.GetValueOrDefault(vmState, "UNKNOWN");

    /// <summary>The states that words stand for, as nova's filter has it: all their vm states, and their task states ("default" for any).</summary>
    public static (string[] VmStates, string[] TaskStates) Parse(IEnumerable<string> statuses)
    {
        var asked = statuses.Select(s => s.ToUpperInvariant()).ToHashSet(StringComparer.Ordinal);
        var moving = Moving.Where(m => asked.Contains(m.Value)).ToList();
        var settled = Settled.Where(s => asked.Contains(s.Value)).Select(s => s.Key).ToList();
        return ([.. settled.Concat(moving.Select(m => m.Key.Vm)).Distinct()], [.. moving.Select(m => m.Key.Task).Concat(settled.Count > 0 ? ["default"] : []).Distinct()]);
    }
}
