using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Nephos.Kernel;

namespace Nephos.Compute.Servers;

/// <summary>What may be done to a server in which state. Pure; nova's order of checks and its sentences.</summary>
internal static partial class Server
{
    public static readonly string[] Running = [VmState.Active];
    public static readonly string[] Pluggable = [VmState.Active, VmState.Paused, VmState.Stopped];
    public static readonly string[] Snapshotable = [VmState.Active, VmState.Stopped, VmState.Paused, VmState.Suspended];

    /// <summary>Throws nova's 409 unless the server is in one of the states, nobody works on it, and it has run before.</summary>
    /// <param name="server">The server.</param>
    /// <param name="action">The word in the sentence.</param>
    /// <param name="vmStates">Where it is allowed; null is anywhere.</param>
    /// <param name="tasks">Tasks that do not matter, besides none.</param>
    public static void Require(ServerRow server, string action, IReadOnlyCollection<string>? vmStates, IReadOnlyCollection<string>? tasks = null)
    {
        if (vmStates is not null && !vmStates.Contains(server.VmState)) throw Errors.InvalidState(action, server.Id, "vm_state", server.VmState);
        if (server.TaskState is { } task && tasks?.Contains(task) != true) throw Errors.InvalidState(action, server.Id, "task_state", task);
        if (server.LaunchedAt is null) throw Errors.NeverActive(action);
    }

    /// <summary>Throws nova's 409 for a locked server; administrators pass.</summary>
    public static void RequireUnlocked(ServerRow server, bool isAdmin)
    {
        if (server.LockedBy is not null && !isAdmin) throw Errors.Locked(server.Id);
    }

    /// <summary>A fingerprint of the host that means nothing outside the project; empty without a host.</summary>
    public static string HostId(string project, string? host) =>
        host is null ? "" : Convert.ToHexStringLower(Sha224.HashData(Encoding.UTF8.GetBytes(project + host)));

    /// <summary>A name as a host name: ASCII letters, digits and dashes, lower case, 63 at most.</summary>
    public static string HostName(string name, string otherwise)
    {
        var clean = Unfit().Replace(Spaces().Replace(name.Normalize(NormalizationForm.FormKD), "-"), "").ToLowerInvariant();
        if (clean.Length > 63) clean = clean[..63];
        clean = clean.Trim('-', '.');
        return clean.Length > 0 ? clean : otherwise;
    }

    /// <summary>An address in its one canonical form.</summary>
    public static string? Address(string? text) => text is not null && System.Net.IPAddress.TryParse(text, out var address) ? address.ToString() : text;

    /// <summary>A password nobody set, of letters and digits that are hard to mix up.</summary>
    public static string NewPassword() => RandomNumberGenerator.GetString("23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", 12);

    public static string NewReservation() => "r-" + RandomNumberGenerator.GetString("0123456789abcdefghijklmnopqrstuvwxyz", 8);

    [GeneratedRegex("[ _]")]
    private static partial Regex Spaces();
    [GeneratedRegex(@"[^A-Za-z0-9.-]")]
    private static partial Regex Unfit();
}
