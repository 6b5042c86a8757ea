using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Nephos.Contracts.Drivers;

namespace Nephos.Drivers.Fake;

/// <summary>Namespaces that all are this machine's loopback: each listener gets a free port there.</summary>
public sealed class FakeNamespaces : INamespaces
{
    readonly ConcurrentDictionary<(string Namespace, IPEndPoint Asked), IPEndPoint> listeners = new();
    readonly ConcurrentDictionary<string, bool> known = new();

    /// <summary>Where a socket that was asked for really listens.</summary>
    public IReadOnlyDictionary<(string Namespace, IPEndPoint Asked), IPEndPoint> Listeners => listeners;

    /// <summary>Makes a namespace exist.</summary>
    public void Add(string name) => known[name] = true;

    public void Remove(string name) => known.TryRemove(name, out _);

    public Socket? Listen(string name, IPEndPoint at)
    {
        if (!known.ContainsKey(name)) return null;
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        listeners[(name, at)] = (IPEndPoint)socket.LocalEndPoint!;
        return socket;
    }
}
