using System.Runtime.InteropServices;
using Nephos.Contracts;

namespace Nephos.Drivers.Ceph;

/// <summary>Turns what the libraries answer into what an operator can act on.</summary>
static class CephErrors
{
    public const int NotPermitted = -1, Absent = -2, Access = -13, Busy = -16, NoSpace = -28, Range = -34, NotEmpty = -39, TimedOut = -110, Quota = -122;

    /// <summary>Gives back a result that is no error.</summary>
    /// <exception cref="Fault"><see cref="FaultKind.TooLarge"/> when there is no space, else <see cref="FaultKind.Unavailable"/>.</exception>
    public static long Check(long result, string doing) => result >= 0 ? result : throw Of((int)result, doing);

    /// <param name="error">What was answered.</param>
    /// <param name="doing">To what.</param>
    /// <param name="why">What is known besides of an error that is about rights, or about what is not there.</param>
    public static Fault Of(int error, string doing, string? why = null) => error switch
    {
        NoSpace or Quota => new Fault(FaultKind.TooLarge, "StorageFull", "There is not enough space in the Ceph pool."),
        _ => Fault.Unavailable($"The Ceph cluster cannot be used ({doing}): {(error is NotPermitted or Access or Absent ? why : null) ?? Why(error)}."),
    };

    public static Fault NoLibrary() => Fault.Unavailable("The Ceph cluster cannot be used: the library librbd.so.1 is not installed (on Debian: apt-get install librbd1).");

    static string Why(int error) => error switch
    {
        TimedOut => "it does not answer in time",
        NotPermitted or Access => "it refuses the user or its key",
        Absent => "it, its keyring or its pool is not there",
        _ => Marshal.GetPInvokeErrorMessage(-error),
    };
}
