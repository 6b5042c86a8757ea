using System.Globalization;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Image.Data;
using Nephos.Image.Images;
using Nephos.Image.Imports;
using Nephos.Image.Staging;
using Nephos.Image.Tasks;

namespace Nephos.Image.Ova;

/// <summary>Makes a bootable image of a staged OVA: its disk, and its hardware as properties. What is uploaded without an import stays as it is.</summary>
internal sealed class UnpackOva(StagingArea staging, IImageTools tools, Intake intake, ImageOptions options)
{
    private const string Form = "ova";

    private const long GiB = 1L << 30;

    /// <summary>Puts the disk beside the staged package; null if there is no package.</summary>
    public async Task<Shape?> Apply(Staged data, TaskProgress progress, CancellationToken ct)
    {
        var image = data.Image;
        if (data.Container != "ova" || (await tools.Inspect(staging.PathOf(image.Id, data.Form), ct)).Format != "tar") return null;
        await using var file = staging.Read(image.Id, data.Form);
        var package = await OvaPackage.Open(file, ct);
        var machine = await package.Read(ct);
        var (bytes, flat) = await package.Disk(machine.Disk, ct);
        await using var disk = bytes;
        DataFacts facts;
        try { facts = await intake.Put(image.Id, Form, disk, progress.Copied, ct); }
        catch (InvalidDataException) { throw OvaErrors.Refused("its disk cannot be decompressed"); }
        var found = await tools.Inspect(staging.PathOf(image.Id, Form), ct);
        if (found.Danger is { } danger) throw Errors.Dangerous(danger);
        if (!ImageSchemas.DiskFormats.Contains(found.Format) || found.Format == "raw" && !flat && options.RequireFormatMatch) throw OvaErrors.Refused($"its disk {machine.Disk.Name} is of no format that is known");
        var (minDisk, minRam, properties) = Needs(machine);
        return new Shape(Form, facts, new ImageChanges
        {
            DiskFormat = found.Format, ContainerFormat = "bare", MinDisk = minDisk ?? (found.VirtualSize + GiB - 1) / GiB, MinRam = minRam ?? machine.MemoryMib ?? 0,
            // What the user said of the image counts more.
            Properties = properties.Where(p => !image.Properties.ContainsKey(p.Key)).ToDictionary(),
        });
    }

    /// <summary>What the image needs: in a package of another cloud's image what that image said, of what may come along from other clouds; else what the hardware says.</summary>
    private (long? MinDisk, long? MinRam, IEnumerable<KeyValuePair<string, string>> Properties) Needs(OvfDescriptor machine)
    {
        var own = machine.Options.Where(o => o.Key.StartsWith(OvfWriter.Own, StringComparison.Ordinal)).ToDictionary(o => o.Key[OvfWriter.Own.Length..], o => o.Value);
        if (own.Count == 0) return (null, null, OvfHardware.Properties(machine));
        return (Number("min_disk"), Number("min_ram"), own.Where(p => p.Key.Length <= 255 && options.DownloadedProperties.Any(prefix => p.Key.StartsWith(prefix, StringComparison.Ordinal))));

        long? Number(string name) => int.TryParse(own.GetValueOrDefault(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
