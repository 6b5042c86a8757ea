using Nephos.Drivers.Ceph;
using Xunit;

namespace Nephos.Drivers.Tests.Ceph;

public sealed class CephFilesTests
{
    static bool? Readable(string file) => file[1] switch { 'r' => true, 'c' => false, _ => null };

    [Theory]
    [InlineData("", null)]
    [InlineData("/absent, /r", null)]
    [InlineData("/closed,/r", null)]
    [InlineData("/absent /closed;/closed2", "the user nephos cannot read the keyring /closed; let it: chgrp nephos /closed && chmod g+r /closed")]
    [InlineData("/a1,/a2", "there is no keyring at /a1 or /a2")]
    public void What_is_wrong_with_the_keyrings_is_said(string files, string? flaw) => Assert.Equal(flaw, CephFiles.KeyringFlaw(files, "nephos", Readable));

    [Theory]
    [InlineData("/r", false), InlineData("/absent", false), InlineData("/closed", true)]
    public void A_configuration_that_is_closed_is_said(string file, bool isFlaw) => Assert.Equal(isFlaw, CephFiles.ConfigurationFlaw(file, "nephos", Readable)?.Contains("configuration /closed", StringComparison.Ordinal) == true);

    [Fact]
    public void What_is_not_there_is_neither_readable_nor_closed()
    {
        Assert.Null(CephFiles.IsReadable("/nonexistent/keyring"));
        Assert.True(CephFiles.IsReadable(Environment.ProcessPath!));
    }
}
