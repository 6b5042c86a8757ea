using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Exec;

namespace Nephos.Drivers.ImageTools;

/// <summary>Our own header reader; <c>qemu-img convert</c> and <c>xz</c> as an unprivileged user with limits, formats always named.</summary>
public sealed partial class QemuImageTools(ImageToolsOptions options, Commands commands) : IImageTools
{
    static readonly Dictionary<string, string> Drivers = new()
    {
        ["raw"] = "raw", ["iso"] = "raw", ["ami"] = "raw", ["aki"] = "raw", ["ari"] = "raw", ["gpt"] = "raw",
        ["qcow2"] = "qcow2", ["vmdk"] = "vmdk", ["vdi"] = "vdi", ["vhd"] = "vpc", ["vhdx"] = "vhdx", ["qed"] = "qed", ["ploop"] = "parallels",
    };

    /// <summary>What can be made, and how the tool is told so. A VHD keeps the size exactly.</summary>
    static readonly Dictionary<string, string[]> Targets = new()
    {
        ["raw"] = ["-O", "raw"], ["qcow2"] = ["-O", "qcow2"], ["qcow2-compressed"] = ["-c", "-W", "-O", "qcow2"], ["vdi"] = ["-O", "vdi"], ["vhd"] = ["-O", "vpc", "-o", "force_size=on"], ["vhdx"] = ["-O", "vhdx"],
        ["vmdk"] = ["-O", "vmdk", "-o", "subformat=monolithicSparse"], ["vmdk-stream"] = ["-O", "vmdk", "-o", "subformat=streamOptimized"],
    };

    public async Task<ImageFacts> Inspect(string path, CancellationToken ct)
    {
        await using var file = new FileStream(path, new FileStreamOptions { Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0, Options = FileOptions.Asynchronous | FileOptions.RandomAccess });
        return await Inspection.Of(file, ct);
    }

    public async Task Convert(string source, string sourceFormat, string target, string targetFormat, Action<int>? percent, CancellationToken ct)
    {
        if (!Drivers.TryGetValue(sourceFormat, out var from)) throw Fault.Invalid($"Images of the format {sourceFormat} cannot be converted.", "FormatUnsupported");
        if (!Targets.TryGetValue(targetFormat, out var to)) throw Fault.Invalid($"Images cannot be converted to the format {targetFormat}.", "FormatUnsupported");
        var facts = await Inspect(source, ct);
        if (facts.Danger is { } danger) throw Fault.Invalid($"The image is refused: {danger}", "ImageDangerous");
        // What is read as raw may begin like anything; everything else must be what it is said to be.
        if (from != "raw" && facts.Format != sourceFormat) throw Fault.Invalid($"The image is {facts.Format}, not {sourceFormat}.", "FormatMismatch");
        // As it is by itself it ignores its drivers' flushes, of which VMDK and VHD have one for each block.
        string[] line = ["qemu-img", "convert", .. percent is null ? [] : (string[])["-p"], "-f", from, .. to];
        await Make(target, async temporary =>
        {
            try { await Limited([.. line, source, temporary], 0, percent is null ? null : said => Tell(said.Span, percent), ct); }
            catch (CommandFailed e) when (e.Result is null or { ExitCode: > 128 }) { throw new Fault(FaultKind.Invalid, "ConversionLimit", "The image could not be converted within the limits of time, processor and memory.") { AdminDetail = e.Message }; }
            catch (CommandFailed e) { throw new Fault(FaultKind.Invalid, "ConversionFailed", "The image could not be converted; it is damaged, or not of its format.") { AdminDetail = e.Message }; }
        }, ct);
    }

    public Task Unpack(string source, string format, string target, long limit, Action<long>? written, CancellationToken ct) => format switch
    {
        "gzip" or "zip" => Unpacking.Run(source, format, target, limit, written, ct),
        // xz leaves holes for zeros by itself.
        "xz" or "lzma" => Make(target, async temporary =>
        {
            try { await Limited(["sh", "-c", "exec xz -dc --format=\"$0\" <\"$1\" >\"$2\"", format, source, temporary], limit, null, ct); }
            catch (CommandFailed) when (new FileInfo(temporary).Length >= limit) { throw Unpacking.TooLarge(limit); }
            catch (CommandFailed e) { throw new Fault(FaultKind.Invalid, "PackedDamaged", Unpacking.Damaged().Message) { AdminDetail = e.Message }; }
        }, ct),
        _ => throw Fault.Invalid($"Data packed by {format} cannot be unpacked.", "FormatUnsupported"),
    };

    /// <summary>Lets the unprivileged user write a file, which gets its name when it is whole.</summary>
    async Task Make(string target, Func<string, Task> write, CancellationToken ct)
    {
        var temporary = target + ".part";
        await File.WriteAllBytesAsync(temporary, [], ct);
        RunAs.Give(temporary, options.RunAs);
        try
        {
            await write(temporary);
            if (Libc.IsRoot) Libc.Own(temporary, 0, 0);
            File.Move(temporary, target, overwrite: true);
        }
        finally { File.Delete(temporary); }
    }

    Task Limited(string[] line, long mostBytes, Action<ReadOnlyMemory<byte>>? heard, CancellationToken ct)
    {
        string[] whole =
        [
            "prlimit", $"--cpu={options.CpuSeconds}", $"--as={options.MemoryBytes.ToString(CultureInfo.InvariantCulture)}", "--core=0",
            .. mostBytes > 0 ? [$"--fsize={mostBytes.ToString(CultureInfo.InvariantCulture)}"] : (string[])[], .. RunAs.Prefix(options.RunAs), .. line,
        ];
        // On a busy host qemu-img starts up to 64 threads, and the C library would reserve 64 MiB of address space for each.
        var environment = new Dictionary<string, string?> { ["MALLOC_ARENA_MAX"] = "1" };
        return commands.Must(new Command(whole[0], whole[1..]) { Limit = options.TimeLimit, Environment = environment, Heard = heard }, ct);
    }

    static void Tell(ReadOnlySpan<byte> said, Action<int> percent)
    {
        if (Progress().Matches(Encoding.ASCII.GetString(said)) is [.., var last]) percent(int.Parse(last.Groups[1].ValueSpan, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex(@"\((\d{1,3})\.\d+/100%\)")]
    private static partial Regex Progress();
}
