namespace Nephos.Compute.Scheduling;

/// <summary>Chooses hosts: filters, then weighs. Pure; the same question has the same answer.</summary>
internal static class Scheduler
{
    /// <summary>Hosts that fit, best first, and why the others do not.</summary>
    public static (IReadOnlyList<Host> Hosts, IReadOnlyList<Refused> Refused) Choose(IReadOnlyList<Host> hosts, Wish wish)
    {
        var fit = new List<Host>();
        var refused = new List<Refused>();
        foreach (var host in hosts)
        {
            var (name, why) = Filters.All.Select(f => (f.Name, Why: f.Why(host, wish))).FirstOrDefault(f => f.Why is not null);
            if (why is null) fit.Add(host);
            else refused.Add(new(host.Name, name, why));
        }
        return ([.. fit.OrderByDescending(h => Weight(h, fit, wish)).ThenBy(h => h.Node)], refused);
    }

    /// <summary>Free memory, processors and disk, each as a share of the best host's: spread, as nova does by default. With soft policies the group counts most.</summary>
    private static double Weight(Host host, List<Host> among, Wish wish)
    {
        double Share(string resource)
        {
            var most = among.Max(h => h.Free.GetValueOrDefault(resource));
            return most <= 0 ? 0 : (double)host.Free.GetValueOrDefault(resource) / most;
        }
        var together = wish.GroupHosts.Count == 0 ? 0 : (double)wish.GroupHosts.Count(n => n == host.Node) / wish.GroupHosts.Count;
        var group = wish.GroupPolicy switch { "soft-affinity" => together, "soft-anti-affinity" => -together, _ => 0 };
        return Share("MEMORY_MB") + Share("VCPU") + Share("DISK_GB") + 10 * group;
    }
}
