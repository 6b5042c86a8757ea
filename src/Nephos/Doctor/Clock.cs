using System.Runtime.InteropServices;

namespace Nephos.Doctor;

/// <summary>Whether the kernel believes that its clock is set right; tokens of several controllers depend on it.</summary>
static unsafe partial class Clock
{
    const int Unsynchronized = 0x40;

    [LibraryImport("libc", SetLastError = true)]
    private static partial int adjtimex(byte* timex);

    public static Finding Look()
    {
        // struct timex is 208 bytes on 64-bit Linux; modes = 0 only reads; status is the fifth field, behind modes, offset, freq, maxerror, esterror.
        byte* timex = stackalloc byte[256];
        new Span<byte>(timex, 256).Clear();
        if (adjtimex(timex) < 0) return Finding.Note("clock", "the kernel does not say whether it is synchronized");
        var status = *(int*)(timex + 40);
        return (status & Unsynchronized) == 0 ? Finding.Good("clock", "synchronized")
            : Finding.Note("clock", "not synchronized by this system (a virtual machine's host may do it); with several controllers tokens need right clocks", "apt-get install systemd-timesyncd, or chrony");
    }
}
