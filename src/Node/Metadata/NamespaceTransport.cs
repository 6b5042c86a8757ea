using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace Nephos.Node.Metadata;

/// <summary>The place where connections from all namespaces arrive; not an address.</summary>
internal sealed class NamespaceEndPoint : EndPoint
{
    public override string ToString() => "namespaces";
}

/// <summary>Which namespace accepted a connection: the one thing about a caller that a guest cannot forge.</summary>
internal interface INamespaceFeature
{
    Guid? Network { get; }
    Guid? Router { get; }
}

/// <summary>
/// A listener for the web server that is fed from sockets of network namespaces. The server can only listen on addresses known before it
/// starts; networks are made while it runs.
/// </summary>
internal sealed class NamespaceTransport(ILoggerFactory loggers) : IConnectionListenerFactory, IConnectionListenerFactorySelector, IConnectionListener
{
    private readonly Channel<ConnectionContext> _arrived = Channel.CreateBounded<ConnectionContext>(1024);
    private readonly ConcurrentDictionary<string, Listening> _sockets = [];
    private readonly SocketConnectionContextFactory _contexts = new(new SocketConnectionFactoryOptions(), loggers.CreateLogger<NamespaceTransport>());

    public EndPoint EndPoint { get; private set; } = new NamespaceEndPoint();

    /// <summary>Namespaces being listened in.</summary>
    public IReadOnlyCollection<string> Names => [.. _sockets.Keys];

    public bool CanBind(EndPoint endpoint) => endpoint is NamespaceEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        EndPoint = endpoint;
        return new(this);
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _arrived.Reader.WaitToReadAsync(cancellationToken))
            if (_arrived.Reader.TryRead(out var connection)) return connection;
        return null;
    }

    /// <summary>Starts to take connections from a listening socket.</summary>
    public void Add(string name, Socket socket, Guid? network, Guid? router)
    {
        var listening = new Listening(socket, network, router);
        if (!_sockets.TryAdd(name, listening)) { socket.Dispose(); return; }
        _ = AcceptFrom(name, listening);
    }

    /// <summary>Closes the socket of a namespace.</summary>
    public void Remove(string name)
    {
        if (_sockets.TryRemove(name, out var listening)) listening.Socket.Dispose();
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        foreach (var name in _sockets.Keys) Remove(name);
        _arrived.Writer.TryComplete();
        return default;
    }

    public ValueTask DisposeAsync()
    {
        _contexts.Dispose();
        return default;
    }

    private async Task AcceptFrom(string name, Listening listening)
    {
        try
        {
            while (true)
            {
                var socket = await listening.Socket.AcceptAsync();
                var connection = _contexts.Create(socket);
                connection.Features.Set<INamespaceFeature>(listening);
                if (!_arrived.Writer.TryWrite(connection)) await connection.DisposeAsync();
            }
        }
        // The namespace went away, or Remove closed the socket.
        catch (Exception e) when (e is SocketException or ObjectDisposedException) { Remove(name); }
    }

    private sealed record Listening(Socket Socket, Guid? Network, Guid? Router) : INamespaceFeature;
}
