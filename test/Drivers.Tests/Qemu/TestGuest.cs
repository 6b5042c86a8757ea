namespace Nephos.Drivers.Tests.Qemu;

/// <summary>A boot sector that is a whole operating system for the contract's purposes; see <c>guest.S</c>.</summary>
static class TestGuest
{
    public const int SizeBytes = 1 << 20;

    public static void Write(string path, Behaviour behaviour)
    {
        var disk = new byte[SizeBytes];
        using var sector = typeof(TestGuest).Assembly.GetManifestResourceStream("test-guest")!;
        sector.ReadExactly(disk, 0, 512);
        disk[500] = (byte)behaviour;
        File.WriteAllBytes(path, disk);
        File.SetUnixFileMode(path, (UnixFileMode)0b100_100_100);
    }
}

public enum Behaviour : byte
{
    ObeysPowerButton = 0,
    IgnoresPowerButton = 1,
    PowersOffByItself = 2,
}
