using System.Net;
using System.Net.Sockets;

namespace Nephos.Contracts.Drivers;

/// <summary>Sockets inside other network namespaces of this host.</summary>
public interface INamespaces
{
    /// <summary>A listening TCP socket made inside <paramref name="name"/>; null while the namespace or the address does not exist.</summary>
    Socket? Listen(string name, IPEndPoint at);
}
