using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Exec;

namespace Nephos.Drivers.ConfigDrive;

/// <summary>Config drives by <c>genisoimage</c>, from a folder beside the drive that is gone afterwards: user data holds secrets.</summary>
public sealed class IsoConfigDriveMaker(Commands commands) : IConfigDriveMaker
{
    public async Task Make(string path, IReadOnlyDictionary<string, byte[]> files, CancellationToken ct)
    {
        // Names of their own: a genisoimage that outlived the one who asked for it may still write.
        var made = $"{path}.{NewId.Uuid():N}.new";
        var folder = Directory.CreateDirectory(made + ".files", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        try
        {
            foreach (var (name, data) in files)
            {
                var file = Path.GetFullPath(Path.Combine(folder.FullName, name));
                if (!file.StartsWith(folder.FullName + "/", StringComparison.Ordinal)) throw Fault.Invalid($"'{name}' is not a path within a config drive.");
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                await File.WriteAllBytesAsync(file, data, ct);
            }
            await commands.Must("genisoimage", ["-o", made, "-ldots", "-allow-lowercase", "-allow-multidot", "-l", "-quiet", "-J", "-r", "-V", "config-2", folder.FullName], ct);
            File.SetUnixFileMode(made, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
            File.Move(made, path, overwrite: true);
        }
        finally
        {
            folder.Delete(recursive: true);
            File.Delete(made);
        }
    }
}
