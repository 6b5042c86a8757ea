using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Nephos.Contracts;
using Nephos.Drivers.ConfigDrive;
using Nephos.Drivers.Exec;
using Xunit;

namespace Nephos.Drivers.Tests.ConfigDrive;

public class ConfigDriveTests
{
    private readonly Commands _commands = new(NullLoggerFactory.Instance, TimeProvider.System);

    [Fact]
    public async Task A_drive_has_the_label_and_the_files_that_guests_look_for()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/genisoimage") && File.Exists("/usr/bin/isoinfo"), "genisoimage is not installed");
        using var folder = new TempFolder();
        var path = System.IO.Path.Combine(folder.Path, "drive.iso");
        await new IsoConfigDriveMaker(_commands).Make(path, new Dictionary<string, byte[]>
        {
            ["openstack/latest/meta_data.json"] = "{}"u8.ToArray(), ["openstack/latest/user_data"] = Encoding.UTF8.GetBytes("#!/bin/sh\necho ä"),
        }, TestContext.Current.CancellationToken);
        Assert.Contains("Volume id: config-2", (await Isoinfo("-d", "-i", path)).Out, StringComparison.Ordinal);
        Assert.Equal("#!/bin/sh\necho ä", (await Isoinfo("-R", "-x", "/openstack/latest/user_data", "-i", path)).Out);
        Assert.Equal(["drive.iso"], Directory.EnumerateFiles(folder.Path).Select(System.IO.Path.GetFileName));
    }

    [Fact]
    public async Task A_name_that_leaves_the_drive_is_refused()
    {
        using var folder = new TempFolder();
        await Assert.ThrowsAsync<Fault>(() => new IsoConfigDriveMaker(_commands).Make(System.IO.Path.Combine(folder.Path, "drive.iso"),
            new Dictionary<string, byte[]> { ["../../etc/x"] = [] }, TestContext.Current.CancellationToken));
    }

    private Task<CommandResult> Isoinfo(params string[] arguments) => _commands.Run("isoinfo", arguments, TestContext.Current.CancellationToken);
}
