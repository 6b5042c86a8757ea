using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Exec;
using Nephos.Drivers.Qemu.Kvm;

namespace Nephos.Drivers.Qemu;

/// <summary>How emulators run here.</summary>
/// <param name="Accelerator"><c>kvm</c> or <c>tcg</c>.</param>
/// <param name="Why">What stands in the way of KVM; empty with it.</param>
sealed record Runner(string Accelerator, string Why, RunAs? User);

/// <summary>What this host has. Found out once, on first use.</summary>
sealed partial class Host(QemuOptions options, Commands commands, ILoggerFactory loggers)
{
    const string Tun = "/dev/net/tun";

    readonly ILogger log = loggers.CreateLogger<Host>();
    SemaphoreSlim Asking { get; } = new(1, 1);
    Runner? runner;
    string? machine;
    long? version;

    public async Task<Runner> Runner(CancellationToken ct) => runner ??= await Once(async () => runner ?? await Probe(ct), ct);

    /// <summary>The newest q35 by its full name: the short one would change with the next QEMU.</summary>
    public async Task<string> Machine(CancellationToken ct) => machine ??= await Once(async () =>
    {
        var help = await Ask(["-machine", "help"], ct);
        var found = AliasOfQ35().Match(help);
        return found.Success ? found.Groups[1].Value : throw Errors.Unusable("it has no machine q35");
    }, ct);

    public async Task<HypervisorFacts> Facts(CancellationToken ct)
    {
        var how = await Runner(ct);
        Directory.CreateDirectory(options.State, Modes.Folder);
        return new HypervisorFacts
        {
            Type = "QEMU",
            Version = version ??= Number(await Ask(["--version"], ct)),
            Accelerator = how.Accelerator,
            Why = how.Why,
            Vcpus = Environment.ProcessorCount,
            MemoryMib = Memory(),
            DiskGib = new DriveInfo(options.State).TotalSize >> 30,
            CpuModel = Cpu("model name") ?? "",
            Traits = [.. Common, .. options.Uefi.IsHere ? (string[])["COMPUTE_FIRMWARE_UEFI"] : [], .. how.Accelerator == "kvm" ? CpuTraits() : []],
        };
    }

    async Task<Runner> Probe(CancellationToken ct)
    {
        OpenTun();
        if (options.Accelerator is { } forced) return new Runner(forced, "", forced == "kvm" ? await KvmUser(ct) : options.RunAs);
        var user = await KvmUser(ct);
        var why = await new KvmProbe(options, commands).WhyNot(user, ct);
        if (why is not null) NoKvm(log, why);
        return why is null ? new Runner("kvm", "", user) : new Runner("tcg", why, options.RunAs);
    }

    /// <summary>The device belongs to a group; the emulator's user joins it for this.</summary>
    async Task<RunAs?> KvmUser(CancellationToken ct)
    {
        if (options.RunAs is not { } user || !File.Exists("/dev/kvm")) return options.RunAs;
        var group = int.Parse(await commands.Must("stat", ["-c", "%g", "/dev/kvm"], ct), CultureInfo.InvariantCulture);
        return group == 0 ? user : user with { Groups = [.. user.Groups, group] };
    }

    /// <summary>Everybody may open it, as udev has it (a tap still belongs to one user); containers without udev lack that.</summary>
    void OpenTun()
    {
        if (options.RunAs is null || !Libc.IsRoot || !File.Exists(Tun)) return;
        const UnixFileMode Everybody = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        var mode = File.GetUnixFileMode(Tun);
        if ((mode & Everybody) == Everybody) return;
        File.SetUnixFileMode(Tun, mode | Everybody | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
        TunOpened(log, Tun);
    }

    async Task<string> Ask(string[] arguments, CancellationToken ct)
    {
        try { return await commands.Must(options.Program, arguments, ct); }
        catch (CommandFailed e) { throw Errors.Unusable(e.Message); }
    }

    async Task<T> Once<T>(Func<Task<T>> ask, CancellationToken ct)
    {
        await Asking.WaitAsync(ct);
        try { return await ask(); }
        finally { Asking.Release(); }
    }

    internal static long Number(string versionText)
    {
        var found = Version().Match(versionText);
        long N(int group) => long.Parse(found.Groups[group].Value, CultureInfo.InvariantCulture);
        return found.Success ? N(1) * 1_000_000 + N(2) * 1000 + N(3) : 0;
    }

    static long Memory()
    {
        var line = File.ReadLines("/proc/meminfo").First(l => l.StartsWith("MemTotal:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    static string? Cpu(string field) => File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith(field, StringComparison.Ordinal))?.Split(':', 2)[1].Trim();

    static readonly string[] Common =
    [
        "COMPUTE_NODE", "COMPUTE_NET_ATTACH_INTERFACE", "COMPUTE_IMAGE_TYPE_RAW", "COMPUTE_IMAGE_TYPE_QCOW2", "COMPUTE_IMAGE_TYPE_AMI", "COMPUTE_IMAGE_TYPE_AKI", "COMPUTE_IMAGE_TYPE_ARI", "COMPUTE_FIRMWARE_BIOS",
        "COMPUTE_NET_VIF_MODEL_VIRTIO", "COMPUTE_NET_VIF_MODEL_E1000", "COMPUTE_NET_VIF_MODEL_E1000E", "COMPUTE_NET_VIF_MODEL_RTL8139",
        "COMPUTE_STORAGE_BUS_VIRTIO", "COMPUTE_STORAGE_BUS_SCSI", "COMPUTE_STORAGE_BUS_SATA",
    ];

    static IEnumerable<string> CpuTraits()
    {
        var flags = Cpu("flags")?.Split(' ').ToHashSet() ?? [];
        (string Flag, string Trait)[] known =
        [
            ("sse", "SSE"), ("sse2", "SSE2"), ("pni", "SSE3"), ("ssse3", "SSSE3"), ("sse4_1", "SSE41"), ("sse4_2", "SSE42"), ("sse4a", "SSE4A"), ("avx", "AVX"), ("avx2", "AVX2"),
            ("aes", "AESNI"), ("bmi1", "BMI"), ("bmi2", "BMI2"), ("fma", "FMA3"), ("f16c", "F16C"), ("sha_ni", "SHA"), ("pclmulqdq", "CLMUL"), ("svm", "SVM"), ("vmx", "VMX"),
            ("avx512f", "AVX512F"), ("avx512bw", "AVX512BW"), ("avx512cd", "AVX512CD"), ("avx512dq", "AVX512DQ"), ("avx512vl", "AVX512VL"), ("mmx", "MMX"),
        ];
        return known.Where(k => flags.Contains(k.Flag)).Select(k => "HW_CPU_X86_" + k.Trait);
    }

    [GeneratedRegex(@"alias of (pc-q35-[\d.]+)\)")]
    private static partial Regex AliasOfQ35();

    [GeneratedRegex(@"version (\d+)\.(\d+)\.(\d+)")]
    private static partial Regex Version();

    [LoggerMessage(1, LogLevel.Information, "Guests are emulated: {Why}")]
    static partial void NoKvm(ILogger log, string why);

    [LoggerMessage(2, LogLevel.Warning, "Opened {Device} to everybody, as udev does, so that unprivileged emulators reach their taps")]
    static partial void TunOpened(ILogger log, string device);
}
