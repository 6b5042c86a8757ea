using System.Net;
using System.Net.Sockets;

namespace Nephos.Cloud;

/// <summary>The ports that clients know from upstream. One that is taken is skipped and named, never fatal.</summary>
static class ClassicPorts
{
    /// <summary>Which service answers on which.</summary>
    static readonly IReadOnlyDictionary<int, string> All = new Dictionary<int, string>
    {
        [5000] = "identity", [35357] = "identity", [8774] = "compute", [8778] = "placement", [9292] = "image", [9696] = "network",
    };

    /// <summary>Those that are free now on an address, and those that are not.</summary>
    public static (IReadOnlyDictionary<int, string> Free, IReadOnlyList<int> Taken) On(IPAddress address)
    {
        var free = All.Where(port => IsFree(new IPEndPoint(address, port.Key))).ToDictionary();
        return (free, [.. All.Keys.Where(port => !free.ContainsKey(port)).Order()]);
    }

    /// <summary>True if nobody listens there.</summary>
    public static bool IsFree(IPEndPoint at)
    {
        using var socket = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        try
        {
            socket.Bind(at);
            socket.Listen(1);
            return true;
        }
        catch (SocketException) { return false; }
    }
}
