using Nephos.Drivers.Exec;

namespace Nephos.Drivers.Qemu.Kvm;

/// <summary>
/// Finds out whether guests run on KVM by running one: a boot sector (<c>probe.S</c>) that goes to long mode and executes the
/// instructions on which software KVMs stop. That <c>/dev/kvm</c> opens proves nothing.
/// </summary>
sealed class KvmProbe(QemuOptions options, Commands commands)
{
    const int Passed = 99;
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>Null when KVM works for <paramref name="user"/>; else why not.</summary>
    public async Task<string?> WhyNot(RunAs? user, CancellationToken ct)
    {
        if (!File.Exists("/dev/kvm")) return "KVM is not there (no /dev/kvm).";
        return await Run(user, "kvm", "host", ct) switch
        {
            (Passed, _) => null,
            (null, _) => $"KVM is there, but a guest hangs on it: the probe did not end within {Limit.TotalSeconds:0} s.",
            (_, { Length: > 0 } said) => $"KVM is there, but a guest does not run on it: {said}",
            var (code, _) => $"KVM is there, but a guest does not run on it: the probe ended with {code}.",
        };
    }

    /// <summary>Runs the probe; a null code means that it hung.</summary>
    internal async Task<(int? Code, string Said)> Run(RunAs? user, string accelerator, string cpu, CancellationToken ct)
    {
        var image = Path.Combine(options.Run, "kvm-probe.img");
        Directory.CreateDirectory(options.Run, Modes.Folder);
        await using (var file = new FileStream(image, Modes.NewFile))
        await using (var sector = typeof(KvmProbe).Assembly.GetManifestResourceStream("kvm-probe")!)
        {
            await sector.CopyToAsync(file, ct);
            // The BIOS boots from nothing that is smaller than a cylinder.
            file.SetLength(1 << 20);
        }
        RunAs.Give(image, user);
        string[] line =
        [
            .. RunAs.Prefix(user), options.Program, "-machine", "q35", "-accel", accelerator, "-cpu", cpu, "-m", "16", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            "-device", "isa-debug-exit", "-blockdev", $"driver=raw,node-name=d,read-only=on,file.driver=file,file.filename={image}", "-device", "virtio-blk-pci,drive=d",
        ];
        try
        {
            var result = await commands.Run(new Command(line[0], line[1..]) { Limit = Limit }, ct);
            return (result.ExitCode, First(result.Error));
        }
        catch (CommandFailed e) when (e.Result is null && e.Message.Contains("did not end", StringComparison.Ordinal)) { return (null, ""); }
        finally { File.Delete(image); }
    }

    static string First(string error)
    {
        var line = error.Split('\n').FirstOrDefault(l => l.Contains("error", StringComparison.Ordinal) || l.Contains("failed", StringComparison.Ordinal) || l.Contains("denied", StringComparison.Ordinal)) ?? error.Split('\n')[0];
        var at = line.IndexOf(": ", StringComparison.Ordinal);
        return (line.StartsWith("qemu", StringComparison.Ordinal) && at > 0 ? line[(at + 2)..] : line).Trim();
    }
}
