using Nephos.Contracts.Link;
using Nephos.Kernel.Convergence;

namespace Nephos.Compute.Servers;

/// <summary>Reads what nodes say of servers.</summary>
internal static class ServerItems
{
    /// <summary>What the node saw, or null before its first word.</summary>
    public static ServerObserved? Server(this NodeItemRow item) => item.StateAs<ServerObserved>();
}
