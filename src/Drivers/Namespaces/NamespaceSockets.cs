using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Nephos.Contracts.Drivers;

namespace Nephos.Drivers.Namespaces;

/// <summary>Makes sockets in other network namespaces: a socket stays in the namespace of the thread that made it.</summary>
public sealed partial class NamespaceSockets : INamespaces
{
    const int NewNet = 0x40000000;

    public Socket? Listen(string name, IPEndPoint at)
    {
        Socket? socket = null;
        Exception? failure = null;
        // A thread that has changed its namespace must never run anything else, so it is not the pool's.
        var thread = new Thread(() =>
        {
            try { socket = Enter(name) ? Bind(at) : null; }
            catch (Exception e) { failure = e; }
        })
        { IsBackground = true, Name = "netns " + name };
        thread.Start();
        thread.Join();
        return failure is null ? socket : throw new IOException($"Cannot listen on {at} in the namespace {name}: {failure.Message}", failure);
    }

    static bool Enter(string name)
    {
        SafeFileHandle file;
        try { file = File.OpenHandle(Path.Combine(NetworkCommands.Folder, name)); }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException) { return false; }
        using (file)
        {
            if (setns(file, NewNet) == 0) return true;
            // EINVAL: a file, but no namespace behind it (any more).
            var error = Marshal.GetLastPInvokeError();
            return error == 22 ? false : throw new IOException($"setns: {Marshal.GetPInvokeErrorMessage(error)}");
        }
    }

    static Socket? Bind(IPEndPoint at)
    {
        var socket = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(at);
            socket.Listen(128);
            return socket;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressNotAvailable)
        {
            socket.Dispose();
            return null;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setns(SafeFileHandle file, int type);
}
