using System.Globalization;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Exec;

namespace Nephos.Drivers.ImageTools;

/// <summary>Our own header reader, and <c>qemu-img convert</c> as an unprivileged user with limits and both formats named.</summary>
public sealed class QemuImageTools(ImageToolsOptions options, Commands commands) : IImageTools
{
    static readonly Dictionary<string, string> Drivers = new()
    {
        ["raw"] = "raw", ["iso"] = "raw", ["ami"] = "raw", ["aki"] = "raw", ["ari"] = "raw", ["gpt"] = "raw",
        ["qcow2"] = "qcow2", ["vmdk"] = "vmdk", ["vdi"] = "vdi", ["vhd"] = "vpc", ["vhdx"] = "vhdx", ["qed"] = "qed", ["ploop"] = "parallels",
    };

    /// <summary>What can be made, and how the tool is told so. A VHD keeps the size exactly.</summary>
    static readonly Dictionary<string, string[]> Targets = new()
    {
        ["raw"] = ["-O", "raw"], ["qcow2"] = ["-O", "qcow2"], ["qcow2-compressed"] = ["-c", "-O", "qcow2"], ["vdi"] = ["-O", "vdi"], ["vhd"] = ["-O", "vpc", "-o", "force_size=on"], ["vhdx"] = ["-O", "vhdx"],
        ["vmdk"] = ["-O", "vmdk", "-o", "subformat=monolithicSparse"], ["vmdk-stream"] = ["-O", "vmdk", "-o", "subformat=streamOptimized"],
    };

    public async Task<ImageFacts> Inspect(string path, CancellationToken ct)
    {
        await using var file = new FileStream(path, new FileStreamOptions { Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0, Options = FileOptions.Asynchronous | FileOptions.RandomAccess });
        return await Inspection.Of(file, ct);
    }

    public async Task Convert(string source, string sourceFormat, string target, string targetFormat, CancellationToken ct)
    {
        if (!Drivers.TryGetValue(sourceFormat, out var from)) throw Fault.Invalid($"Images of the format {sourceFormat} cannot be converted.", "FormatUnsupported");
        if (!Targets.TryGetValue(targetFormat, out var to)) throw Fault.Invalid($"Images cannot be converted to the format {targetFormat}.", "FormatUnsupported");
        var facts = await Inspect(source, ct);
        if (facts.Danger is { } danger) throw Fault.Invalid($"The image is refused: {danger}", "ImageDangerous");
        // What is read as raw may begin like anything; everything else must be what it is said to be.
        if (from != "raw" && facts.Format != sourceFormat) throw Fault.Invalid($"The image is {facts.Format}, not {sourceFormat}.", "FormatMismatch");
        var temporary = target + ".part";
        await File.WriteAllBytesAsync(temporary, [], ct);
        RunAs.Give(temporary, options.RunAs);
        try
        {
            await Run(source, from, temporary, to, ct);
            if (Libc.IsRoot) Libc.Own(temporary, 0, 0);
            File.Move(temporary, target, overwrite: true);
            Libc.SyncFolder(Path.GetDirectoryName(Path.GetFullPath(target))!);
        }
        finally { File.Delete(temporary); }
    }

    async Task Run(string source, string from, string target, string[] to, CancellationToken ct)
    {
        string[] line =
        [
            "prlimit", $"--cpu={options.CpuSeconds}", $"--as={options.MemoryBytes.ToString(CultureInfo.InvariantCulture)}", "--core=0",
            .. RunAs.Prefix(options.RunAs),
            // No cache of the host's is taken from its guests, and the bytes are on the disk when it ends.
            "qemu-img", "convert", "-f", from, .. to, "-t", "writeback", source, target,
        ];
        // On a busy host qemu-img starts up to 64 threads, and the C library would reserve 64 MiB of address space for each.
        var environment = new Dictionary<string, string?> { ["MALLOC_ARENA_MAX"] = "1" };
        try { await commands.Must(new Command(line[0], line[1..]) { Limit = options.TimeLimit, Environment = environment }, ct); }
        catch (CommandFailed e) when (e.Result is null or { ExitCode: > 128 }) { throw new Fault(FaultKind.Invalid, "ConversionLimit", "The image could not be converted within the limits of time, processor and memory.") { AdminDetail = e.Message }; }
        catch (CommandFailed e) { throw new Fault(FaultKind.Invalid, "ConversionFailed", "The image could not be converted; it is damaged, or not of its format.") { AdminDetail = e.Message }; }
    }
}
