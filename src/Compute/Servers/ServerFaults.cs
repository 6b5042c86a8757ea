using Nephos.Contracts;

namespace Nephos.Compute.Servers;

/// <summary>Faults as servers show them.</summary>
internal static class ServerFaults
{
    /// <summary>The sentence for everybody; hosts and numbers as details, which nova shows to administrators alone (code 500).</summary>
    public static ServerFault Of(Fault fault, DateTimeOffset now) => new(fault.Name == "NoValidHost" || fault.Kind == FaultKind.Internal ? 500 : (int)fault.Kind,
        fault.Message.Length > 255 ? fault.Message[..255] : fault.Message, fault.AdminDetail ?? (fault.Message.Length > 255 ? fault.Message : null), now);
}
