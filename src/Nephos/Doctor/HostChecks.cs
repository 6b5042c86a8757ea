using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Nephos.Cli;
using Nephos.Client;
using Nephos.Cloud;
using Nephos.Drivers.Exec;
using Nephos.Drivers.Qemu;
using Nephos.Roles;
using Nephos.State;
using Nephos.Tls;

namespace Nephos.Doctor;

/// <summary>Looks at this host; changes nothing.</summary>
sealed class HostChecks(Commands commands, NephosOptions options, StateFolder folder)
{
    static readonly (string Program, string Package, string For)[] Programs =
    [
        ("qemu-system-x86_64", "qemu-system-x86", "servers"), ("qemu-img", "qemu-utils", "disks"), ("dnsmasq", "dnsmasq-base", "DHCP"), ("dhcp_release", "dnsmasq-utils", "DHCP"), ("iptables", "iptables", "security groups and NAT"),
        ("ipset", "ipset", "security groups"), ("ip", "iproute2", "networks"), ("arping", "iputils-arping", "announcing addresses"), ("conntrack", "conntrack", "ending connections that are no longer allowed"),
        ("setpriv", "util-linux", "running without rights"), ("genisoimage", "genisoimage", "config drives"), ("xz", "xz-utils", "unpacking images"), ("ssh", "openssh-client", "the quickstart"),
    ];

    public async Task<IReadOnlyList<Finding>> All(CancellationToken ct)
    {
        var findings = new List<Finding>();
        findings.Add(Environment.IsPrivilegedProcess ? Finding.Good("rights", "root") : Finding.Note("rights", "not root: only `nephos dev` and `up --fake` work, and some checks below cannot look", "sudo ./nephos doctor"));
        findings.AddRange(Programs.Select(Installed));
        findings.Add(Uefi());
        findings.Add(Kvm());
        findings.Add(Tun());
        findings.Add(ControlGroups());
        findings.Add(await BridgeFilter(ct));
        findings.Add(await Forwarding(ct));
        findings.Add(await User(ct));
        if (folder.Exists && folder.Holder() is not null) findings.Add(await Orphans(ct));
        if (folder.Holder() is null)
        {
            findings.Add(SharedPort());
            if (options.ClassicPorts) findings.Add(ClassicOnes());
        }
        findings.AddRange(await Certificate(ct));
        findings.Add(await ExternalRange(ct));
        findings.Add(Disk());
        findings.Add(Memory());
        findings.Add(Clock.Look());
        return findings;
    }

    /// <summary>Packages without which no real server can be made.</summary>
    public static IReadOnlyList<string> MissingPackages => [.. Programs.Where(p => p.Program != "ssh" && Find(p.Program) is null).Select(p => p.Package)];

    static string? Find(string program) => new[] { "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin" }
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    static Finding Installed((string Program, string Package, string For) wanted) => Find(wanted.Program) is { } path
        ? Finding.Good(wanted.Program, path)
        : Finding.Bad(wanted.Program, $"is missing; {wanted.For} need it", $"apt-get install --no-install-recommends {wanted.Package}");

    static Finding Uefi() => Firmware.Usual.IsHere ? Finding.Good("uefi", Firmware.Usual.Code)
        : Finding.Note("uefi", $"{Firmware.Usual.Code} is missing: no server can be made here of images that want UEFI (hw_firmware_type=uefi)", "apt-get install --no-install-recommends ovmf, then restart the node");

    static Finding Kvm()
    {
        if (!File.Exists("/dev/kvm")) return Finding.Note("kvm", "/dev/kvm is absent: servers run emulated (TCG), several times slower", "Turn on virtualization in the BIOS (or nested virtualization on the host of this machine) and load kvm_intel or kvm_amd.");
        // Opening it proves little: some hosts offer a device on which guests die. The node boots a probe before it trusts it.
        try
        {
            using var device = new FileStream("/dev/kvm", FileMode.Open, FileAccess.ReadWrite);
            var flags = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("flags", StringComparison.Ordinal)) ?? "";
            return flags.Contains(" vmx", StringComparison.Ordinal) || flags.Contains(" svm", StringComparison.Ordinal)
                ? Finding.Good("kvm", "/dev/kvm opens; the node runs a probe guest before it uses it (see `status`)")
                : Finding.Note("kvm", "/dev/kvm opens, but the processor shows neither vmx nor svm, so it is not the hardware's; the node's probe guest decides, and servers may run emulated (TCG)");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return Finding.Note("kvm", $"/dev/kvm cannot be opened: {e.Message}", "Run as root, or join the group kvm."); }
    }

    static Finding Tun()
    {
        try
        {
            using var device = new FileStream("/dev/net/tun", FileMode.Open, FileAccess.ReadWrite);
            return Finding.Good("/dev/net/tun", "opens");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return Finding.Bad("/dev/net/tun", $"{e.Message}; servers get their network cards through it", "modprobe tun   (in a container: give it the device)"); }
    }

    async Task<Finding> Orphans(CancellationToken ct)
    {
        using var http = UnixHttp.To(folder.LinkSocket, TimeSpan.FromSeconds(20));
        try
        {
            var nodes = await OrphansCommand.Of(http, ct);
            if (nodes.FirstOrDefault(n => n.Error is not null) is { } silent) return Finding.Note("orphans", $"{silent.Host} does not say: {silent.Error}");
            return nodes.Sum(n => n.Orphans.Count) is > 0 and var count
                ? Finding.Note("orphans", $"{count} guest{(count == 1 ? "" : "s")} with processes or disks that the database does not know; nothing removes them by itself", "`nephos node orphans` lists them, with --remove ID it removes one.")
                : Finding.Good("orphans", "none");
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException) { return Finding.Note("orphans", $"the controller does not say: {e.Message}"); }
    }

    static Finding ControlGroups()
    {
        var groups = new Cgroups(new(""), NullLoggerFactory.Instance);
        if (!groups.Usable) return Finding.Note("control groups", $"{groups.Facts}: emulators are known by their mark alone, and limits of flavors on the processor have no effect", "Mount cgroup2, writable, at /sys/fs/cgroup.");
        return groups.CanLimit ? Finding.Good("control groups", groups.Facts)
            : Finding.Note("control groups", $"{groups.Facts}, without the controller cpu: limits of flavors on the processor have no effect", "Mount cgroup2 with the controller cpu.");
    }

    async Task<Finding> BridgeFilter(CancellationToken ct)
    {
        const string file = "/proc/sys/net/bridge/bridge-nf-call-iptables";
        if (File.Exists(file)) return Finding.Good("bridge filter", $"present (now {File.ReadAllText(file).Trim()}; the node sets it where its bridges are)");
        var loadable = await commands.Run("modprobe", ["-n", "br_netfilter"], ct);
        return loadable.Ok ? Finding.Good("bridge filter", "br_netfilter can be loaded")
            : Finding.Bad("bridge filter", "br_netfilter is absent: security groups cannot filter bridged traffic", "Use a kernel with CONFIG_BRIDGE_NETFILTER.");
    }

    async Task<Finding> Forwarding(CancellationToken ct)
    {
        if (Find("iptables") is null || !Environment.IsPrivilegedProcess) return Finding.Note("forwarding", "not looked at (needs root and iptables)");
        var rules = (await commands.Run("iptables", ["-w", "5", "-S", "FORWARD"], ct)).Out;
        if (!rules.Contains("-P FORWARD DROP", StringComparison.Ordinal)) return Finding.Good("forwarding", "the FORWARD chain accepts");
        var docker = rules.Contains("DOCKER", StringComparison.Ordinal);
        return Finding.Bad("forwarding", $"the policy of the FORWARD chain is DROP{(docker ? " (docker sets it)" : "")}: bridged and routed traffic of servers may be dropped",
            docker ? "iptables -I DOCKER-USER -j ACCEPT   (or `nephos up --host-namespace NAME`)" : "iptables -P FORWARD ACCEPT");
    }

    async Task<Finding> User(CancellationToken ct)
    {
        if ((await commands.Run("id", ["-u", SystemUser.Controller], ct)).Ok)
        {
            if (!Environment.IsPrivilegedProcess) return Finding.Good("user nephos", "exists");
            var program = typeof(HostChecks).Assembly.Location;
            return await new SystemUser(commands, SystemUser.Controller).CanRead(program, ct) ? Finding.Good("user nephos", "exists and can read the program")
                : Finding.Bad("user nephos", $"cannot read {program}, which it runs", "Put the project where everybody may read (/opt/nephos), or open the folders above it: chmod o+x.");
        }
        return Finding.Good("user nephos", "will be made by the first `up` as root");
    }

    Finding SharedPort() => ClassicPorts.IsFree(IPEndPoint.Parse(options.Listen))
        ? Finding.Good("port", $"{options.Listen} is free")
        : Finding.Bad("port", $"{options.Listen} is taken by another program", "Choose another by `nephos up --listen ADDR:PORT`.");

    Finding ClassicOnes()
    {
        var (_, taken) = ClassicPorts.On(IPEndPoint.Parse(options.Listen).Address);
        return taken.Count == 0 ? Finding.Good("classic ports", "all free") : Finding.Note("classic ports", $"taken by other programs, so skipped: {string.Join(", ", taken)}; everything works on the one port");
    }

    async Task<IReadOnlyList<Finding>> Certificate(CancellationToken ct)
    {
        if (options.TlsCertificate is not { } file || options.TlsKey is not { } key) return [];
        try { return CertificateChecks.Of(await ServerCertificate.Read(file, key, ct), options, TimeProvider.System.GetUtcNow()); }
        catch (Refusal refusal) { return [Finding.Bad("certificate", refusal.Message, refusal.Mend)]; }
    }

    async Task<Finding> ExternalRange(CancellationToken ct)
    {
        if (options.HostNamespace is not null) return Finding.Good("external range", $"{options.ExternalCidr} in the namespace {options.HostNamespace}");
        return await Routes.Overlap(commands, options.ExternalCidr, folder.CloudId, ct) is { } route
            ? Finding.Bad("external range", $"the host already routes {options.ExternalCidr}: {route}", "nephos up --external-cidr with another range")
            : Finding.Good("external range", $"{options.ExternalCidr} is not routed yet");
    }

    Finding Disk()
    {
        var place = folder.Path;
        while (!Directory.Exists(place)) place = Path.GetDirectoryName(place)!;
        var free = new DriveInfo(place).AvailableFreeSpace >> 30;
        return free >= 5 ? Finding.Good("disk", $"{free} GiB free under {folder.Path}") : Finding.Note("disk", $"only {free} GiB free under {folder.Path}: few servers fit", "Choose another place by --state DIR.");
    }

    static Finding Memory()
    {
        var line = File.ReadLines("/proc/meminfo").First(l => l.StartsWith("MemAvailable:", StringComparison.Ordinal));
        var free = long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture) >> 10;
        return free >= 1024 ? Finding.Good("memory", $"{free} MiB available") : Finding.Note("memory", $"only {free} MiB available; the program takes about 300, a small server about 250");
    }
}
