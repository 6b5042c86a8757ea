namespace Nephos.Contracts.Drivers;

/// <summary>
/// Marks everything this cloud makes on a host; nothing without it is ever changed or removed, so that several clouds (and a real
/// OpenStack, whose names look the same) live on one machine.
/// </summary>
/// <param name="Cloud">Eight hexadecimal digits, chosen when the state folder is made.</param>
public sealed record OwnerMark(string Cloud)
{
    /// <summary>For links: <c>ip link set alias</c>.</summary>
    public string Alias(string kind, object id) => $"nephos:{Cloud}:{kind}:{id}";

    /// <summary>For processes: the value of the variable <c>NEPHOS_OWNER</c> in their environment.</summary>
    public string Environment(string kind, object id) => $"{Cloud}/{kind}/{id}";

    /// <summary>For names of chains and sets: <c>n</c> and the first four digits.</summary>
    public string Prefix => "n" + Cloud[..4];
}
