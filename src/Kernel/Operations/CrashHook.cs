using System.Diagnostics;

namespace Nephos.Kernel.Operations;

/// <summary>Kills this process at a named point of a step, as a power cut would: <c>NEPHOS_CRASH=CreateServer/ports/inside</c>.</summary>
internal sealed class CrashHook(bool allowed)
{
    private readonly string? point = allowed ? Environment.GetEnvironmentVariable("NEPHOS_CRASH") : null;

    public void At(string operation, string step, string where)
    {
        if (point is not null && point == $"{operation}/{step}/{where}")
        {
            using var self = Process.GetCurrentProcess();
            // SIGKILL: nothing is flushed, nobody is told.
            self.Kill();
            new ManualResetEvent(false).WaitOne();
        }
    }
}
