using System.Collections.Frozen;
using Nephos.Contracts.Drivers;
using Nephos.Contracts.Link;

namespace Nephos.Compute.Servers;

/// <summary>An order about power: when it may be given, what the server is meanwhile and after.</summary>
/// <param name="Action">nova's word in os-instance-actions and in conflicts.</param>
/// <param name="Verb">For the node.</param>
/// <param name="From">States it may be given in.</param>
/// <param name="Task">Meanwhile.</param>
/// <param name="To">The vm state after.</param>
/// <param name="Power">What the node sees then.</param>
/// <param name="Tasks">Tasks that do not stand in its way.</param>
internal sealed record PowerAction(string Name, string Action, PowerVerb Verb, string[] From, string Task, string To, PowerState Power, string[]? Tasks = null)
{
    public static readonly PowerAction Start = new("start", "start", PowerVerb.Start, [VmState.Stopped], TaskState.PoweringOn, VmState.Active, PowerState.Running);
    public static readonly PowerAction Stop = new("stop", "stop", PowerVerb.Stop, [VmState.Active, VmState.Error], TaskState.PoweringOff, VmState.Stopped, PowerState.Shutdown);
    public static readonly PowerAction SoftReboot = new("soft-reboot", "reboot", PowerVerb.RebootSoft, [VmState.Active], TaskState.Rebooting, VmState.Active, PowerState.Running);
    public static readonly PowerAction HardReboot = new("hard-reboot", "reboot", PowerVerb.RebootHard,
        [VmState.Active, VmState.Stopped, VmState.Paused, VmState.Suspended, VmState.Error], TaskState.RebootingHard, VmState.Active, PowerState.Running);
    public static readonly PowerAction Pause = new("pause", "pause", PowerVerb.Pause, [VmState.Active], TaskState.Pausing, VmState.Paused, PowerState.Paused);
    public static readonly PowerAction Unpause = new("unpause", "unpause", PowerVerb.Unpause, [VmState.Paused], TaskState.Unpausing, VmState.Active, PowerState.Running);
    public static readonly PowerAction Suspend = new("suspend", "suspend", PowerVerb.Suspend, [VmState.Active], TaskState.Suspending, VmState.Suspended, PowerState.Suspended);
    public static readonly PowerAction Resume = new("resume", "resume", PowerVerb.Resume, [VmState.Suspended], TaskState.Resuming, VmState.Active, PowerState.Running);
    /// <summary>Of the program itself, after the host came back.</summary>
    public static readonly PowerAction AfterReboot = new("after-reboot", "start", PowerVerb.Start, [VmState.Active], TaskState.PoweringOn, VmState.Active, PowerState.Running);

    /// <summary>Upstream's notification when it is done.</summary>
    public string Notification => Action switch { "start" => "power_on.end", "stop" => "power_off.end", var other => $"{other}.end" };

    private static readonly FrozenDictionary<string, PowerAction> ByName =
        new[] { Start, Stop, SoftReboot, HardReboot, Pause, Unpause, Suspend, Resume, AfterReboot }.ToFrozenDictionary(a => a.Name);

    /// <summary>The one with a stored name.</summary>
    public static PowerAction Of(string name) => ByName[name];
}
