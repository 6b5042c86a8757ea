using System.Globalization;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Nephos.Operators;

/// <summary>The user of this host behind a connection over the unix socket, as the kernel says.</summary>
static class LocalUser
{
    // SOL_SOCKET and SO_PEERCRED, which answers with a process, a user and a group, 4 bytes each.
    const int SocketLevel = 1, PeerCredentials = 17, UserAt = 4, Size = 12;

    /// <summary>Its number, and its name if the host has one for it; nothing for what is no connection of a user.</summary>
    public static (string? Id, string? Name) Of(HttpContext http)
    {
        if (http.Features.Get<IConnectionSocketFeature>()?.Socket is not { AddressFamily: AddressFamily.Unix } socket) return default;
        Span<byte> peer = stackalloc byte[Size];
        socket.GetRawSocketOption(SocketLevel, PeerCredentials, peer);
        var number = BitConverter.ToUInt32(peer[UserAt..]).ToString(CultureInfo.InvariantCulture);
        return ($"uid:{number}", NameOf(number));
    }

    static string? NameOf(string number)
    {
        try { return File.ReadLines("/etc/passwd").Select(line => line.Split(':')).FirstOrDefault(fields => fields.Length > 2 && fields[2] == number)?[0]; }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return null; }
    }
}
