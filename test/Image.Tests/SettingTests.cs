using Nephos.Image.Stores;
using Nephos.Kernel.Settings;
using Xunit;

namespace Nephos.Image.Tests;

public sealed class SettingTests
{
    private static ImageOptions Read(string text)
    {
        var options = ImageSettings.List.Apply(new ImageOptions { Staging = "" }, SettingsFile.Parse(text.Split('\n'), "image.conf"), "image.conf");
        ImageSettings.Check(options);
        return options;
    }

    [Fact]
    public void Stores_are_named_and_described_in_any_order()
    {
        var options = Read("""
            [slow]
            filesystem_store_datadir = /srv/slow
            [DEFAULT]
            enabled_backends = fast:file, slow:file
            [glance_store]
            default_backend = slow
            [fast]
            filesystem_store_datadir = /srv/fast
            store_description = Flash
            """);
        Assert.Equal([("fast", "file", "/srv/fast", "Flash"), ("slow", "file", "/srv/slow", null)], options.Stores.Select(s => (s.Id, s.Type, s.Folder, s.Description)));
        Assert.Equal("slow", options.DefaultStore);
    }

    [Fact]
    public void A_store_in_an_object_storage_is_described_with_upstreams_words()
    {
        var store = Read("""
            [DEFAULT]
            enabled_backends = far:swift
            [far]
            swift_store_auth_address = https://keystone.example/v3
            swift_store_user = service:glance
            swift_store_key = s3cret
            swift_store_endpoint_type = internalURL
            swift_store_large_object_chunk_size = 100
            """).Stores.Single();
        Assert.Equal(("service", "glance", "s3cret", "internal", 100, "glance", 3), (store.Swift!.Project, store.Swift.User, store.Swift.Key!.Reveal(), store.Swift.Interface, store.Swift.PartMib, store.Swift.Container, store.Swift.AuthVersion));
        Assert.DoesNotContain("s3cret", store.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_store_in_ceph_is_described_with_upstreams_words()
    {
        var store = Read("""
            [DEFAULT]
            enabled_backends = ceph:rbd
            [ceph]
            rbd_store_pool = glance
            rbd_store_user = images
            rbd_store_ceph_conf = /etc/ceph/other.conf
            rbd_store_chunk_size = 4
            rados_connect_timeout = 5
            """).Stores.Single();
        Assert.Equal(new RbdStoreOptions { Pool = "glance", User = "images", ConfFile = "/etc/ceph/other.conf", ChunkMib = 4, ConnectTimeout = TimeSpan.FromSeconds(5) }, store.Rbd);
        Assert.Equal("rbd", Read("[DEFAULT]\nenabled_backends = a:rbd").Stores.Single().Type);
    }

    [Fact]
    public void Filters_are_lists()
    {
        var web = Read("[import_filtering_opts]\nallowed_ports = [8080, 443]\nallowed_networks = 10.0.0.0/8, fd00::/8\nallowed_hosts = a.example\nsilence = 5").Web;
        Assert.Equal([8080, 443], web.AllowedPorts);
        Assert.Equal(["10.0.0.0/8", "fd00::/8"], web.AllowedNetworks.Select(n => n.ToString()));
        Assert.Equal(("a.example", TimeSpan.FromSeconds(5)), (web.AllowedHosts.Single(), web.Silence));
        Assert.Equal(["http", "https"], web.AllowedSchemes);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("5000", 5000)]
    [InlineData("10GB", 10L << 30)]
    [InlineData("2 KB", 2048)]
    public void A_quota_has_units(string text, long bytes) => Assert.Equal(bytes, Read($"user_storage_quota = {text}").ProjectBytes);

    [Fact]
    public void What_is_made_of_imports_is_chosen()
    {
        var options = Read("[image_import_opts]\nimage_import_plugins = [image_conversion, image_decompression]\nmax_unpacked_size = 5\n[image_conversion]\noutput_format = qcow2\n[inject_metadata_properties]\nignore_user_roles = admin, service\ninject = os_distro:debian,a:b:c");
        Assert.Equal(["image_conversion", "image_decompression"], options.ImportPlugins);
        Assert.Equal(("qcow2", 5, "debian", "b:c"), (options.ConvertTo, options.MaxUnpacked, options.InjectedProperties["os_distro"], options.InjectedProperties["a"]));
        Assert.Equal(["admin", "service"], options.InjectNotFor);
    }

    [Theory]
    [InlineData("[image_import_opts]\nimage_import_plugins = image_polishing", "some of no_op, image_decompression")]
    [InlineData("user_storage_quota = ten", "such as 500GB")]
    [InlineData("user_storage_quota = 10PB", "such as 500GB")]
    [InlineData("hashing_algorithm = crc", "one of sha256")]
    [InlineData("image_tag_quota = -2", "at least -1")]
    [InlineData("[image_conversion]\noutput_format = iso", "one of raw, qcow2")]
    [InlineData("[inject_metadata_properties]\ninject = alone", "pairs such as")]
    [InlineData("[inject_metadata_properties]\ninject = status:active", "read-only")]
    [InlineData("enabled_backends = a", "must be NAME:KIND")]
    [InlineData("enabled_backends = a:tape", "must be NAME:KIND with a kind of")]
    [InlineData("enabled_backends = a:file", "the store a needs filesystem_store_datadir")]
    [InlineData("enabled_backends = a:http", "nothing can be put into a store of the kind http")]
    [InlineData("enabled_backends = a:rbd, b:http\n[glance_store]\ndefault_backend = b", "default_backend is b, a store of the kind http")]
    [InlineData("enabled_backends = a:rbd\n[a]\nrbd_store_chunk_size = 33", "1 to 32")]
    [InlineData("enabled_backends = a:rbd\n[a]\nrbd_store_ceph_conf = ceph.conf", "the full path of a file")]
    [InlineData("enabled_backends = a:swift", "the store a needs swift_store_auth_address")]
    [InlineData("enabled_backends = a:swift\n[a]\nswift_store_auth_address = http://k/v3", "the store a needs swift_store_user (PROJECT:USER)")]
    [InlineData("[a]\nswift_store_user = glance", "swift_store_user must be PROJECT:USER")]
    [InlineData("[a]\nswift_store_auth_version = 2", "swift_store_auth_version must be 1 or 3")]
    [InlineData("[a]\nswift_store_large_object_chunk_size = 9999", "must be 1 to 5120")]
    [InlineData("[a]\nstore_description = x", "[a] is no group of settings, and no store")]
    [InlineData("[glance_store]\ndefault_backend = b", "default_backend is b")]
    [InlineData("enabled_import_methods = by-post", "there is no import method by-post")]
    [InlineData("image_size_cap = big", "a whole number of at least 1")]
    [InlineData("[import_filtering_opts]\nallowed_ports = 0", "ports from 1 to 65535")]
    [InlineData("[import_filtering_opts]\nallowed_networks = ten", "ranges such as 10.0.0.0/8")]
    public void What_cannot_be_is_refused(string text, string why) => Assert.Contains(why, Assert.Throws<SettingRefused>(() => Read(text)).Message, StringComparison.Ordinal);
}
