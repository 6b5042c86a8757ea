using Nephos.Cli;
using Nephos.Configuration;
using Nephos.Image;
using Xunit;

namespace Nephos.Tests;

public sealed class ImageFileTests
{
    static readonly ImageOptions Usual = new() { Staging = "/nowhere" };

    static ImageFile Read(string text) => OperatorFile.Read<ImageFile>("image.yaml", text);

    [Theory]
    [InlineData("")]
    [InlineData("# nothing\n")]
    [InlineData("{}")]
    public void A_file_that_says_nothing_changes_nothing(string text) => Assert.Equal(Usual, Read(text).Options(Usual) with { Web = Usual.Web });

    [Fact]
    public void Settings_are_taken_from_it()
    {
        var options = Read("""
            default_store: fast
            max_image_bytes: 1000
            stores:
              fast: { type: file, folder: /srv/fast, description: "Flash" }
              slow: { type: file, folder: /srv/slow }
            import:
              methods: [glance-direct]
              allowed_ports: [8080]
              allowed_networks: [10.0.0.0/8, "fd00::/8"]
              silence_seconds: 5
            """).Options(Usual);
        Assert.Equal(("fast", 1000L, "glance-direct", 8080, TimeSpan.FromSeconds(5)), (options.DefaultStore, options.MaxImage, options.ImportMethods.Single(), options.Web.AllowedPorts.Single(), options.Web.Silence));
        Assert.Equal(["10.0.0.0/8", "fd00::/8"], options.Web.AllowedNetworks.Select(n => n.ToString()));
        Assert.Equal(Usual.Web.AllowedSchemes, options.Web.AllowedSchemes);
    }

    [Theory]
    [InlineData("stores: [", "image.yaml:2: ")]
    [InlineData("colour: red", "there is no setting 'colour'")]
    [InlineData("import: { colour: red }", "there is no setting 'colour'")]
    [InlineData("max_image_bytes: big", "max_image_bytes: the value is not of the kind this setting has")]
    [InlineData("stores: { a: { folder: /x } }", "a setting is missing: 'type'")]
    [InlineData("default_store: b\nstores: { a: { type: file, folder: /x } }", "there is no store 'b'")]
    [InlineData("import: { allowed_networks: [ten] }", "'ten' is not a range")]
    public void What_is_wrong_is_named(string text, string why) =>
        Assert.Contains(why, Assert.Throws<Refusal>(() => Read(text).Options(Usual)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("stores: { a: { type: tape } }", "stores.a.type: 'tape' is not a kind of store")]
    [InlineData("stores: { a: { type: file } }", "stores.a.folder: the full path of a folder is missing")]
    [InlineData("stores: { a: { type: file, folder: /proc/none } }", "stores.a.folder: ")]
    public void A_store_that_cannot_be_is_named(string text, string why) =>
        Assert.Contains(why, Assert.Throws<Refusal>(() => Read(text).Open("/nowhere")).Message, StringComparison.Ordinal);

    [Fact]
    public void Stores_are_opened_in_their_order()
    {
        using var temp = new TempFolder();
        var stores = Read($"stores: {{ b: {{ type: file, folder: {temp["b"]} }}, a: {{ type: file, folder: {temp["a"]}, description: x }} }}").Open(temp["images"]);
        Assert.Equal([("b", null), ("a", "x")], stores.Select(s => (s.Id, s.Description)));
        Assert.Equal(["file"], Read("").Open(temp["images"]).Select(s => s.Id));
    }
}
