using System.Diagnostics;

namespace Nephos.Kernel.Diagnostics;

/// <summary>
/// Kills this process at a named point of its work, as a power cut would: <c>NEPHOS_CRASH=CreateServer/ports/inside</c>, <c>Node/Define/before</c>;
/// or at the one that a file names, which is gone then: <c>NEPHOS_CRASH=@/a/file</c>.
/// </summary>
/// <param name="allowed">Only tests and pretended clouds are to be killed by a variable in their environment.</param>
public sealed class CrashHook(bool allowed)
{
    private readonly string? order = allowed ? Environment.GetEnvironmentVariable("NEPHOS_CRASH") : null;

    /// <summary>The place that the work has come to: dies if it is the named one.</summary>
    /// <param name="work">An operation, or <c>Node</c>.</param>
    /// <param name="step">Its step.</param>
    /// <param name="where"><c>before</c> it, <c>inside</c> (done, and not written down yet), <c>after</c>.</param>
    public void At(string work, string step, string where)
    {
        if (string.IsNullOrEmpty(order) || Point() != $"{work}/{step}/{where}") return;
        if (order[0] == '@') File.Delete(order[1..]);
        using var self = Process.GetCurrentProcess();
        // SIGKILL: nothing is flushed, nobody is told.
        self.Kill();
        new ManualResetEvent(false).WaitOne();
    }

    private string? Point() => order![0] != '@' ? order : File.Exists(order[1..]) ? File.ReadAllText(order[1..]).Trim() : null;
}
