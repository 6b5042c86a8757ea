using System.Text.Json.Nodes;
using Nephos.Seed;
using Xunit;

namespace Nephos.Tests.Cloud;

/// <summary>The definitions of metadata every new cloud has.</summary>
public sealed class MetadefCatalogTests(CloudUnderTest cloud) : IClassFixture<CloudUnderTest>
{
    [Fact]
    public async Task Clients_find_the_standard_namespaces_whole()
    {
        var catalog = SeedMetadefs.Catalog();
        var listed = (await cloud.Json(Persona.Reader, "GET", "image/v2/metadefs/namespaces?limit=100"))["namespaces"]!.AsArray();
        Assert.Equal(catalog.Select(n => n["namespace"]!.ToString()).Order(), listed.Select(n => n!["namespace"]!.ToString()).Order());
        foreach (var wanted in catalog)
        {
            var shown = await cloud.Json(Persona.Reader, "GET", $"image/v2/metadefs/namespaces/{wanted["namespace"]}");
            foreach (var (name, value) in wanted.Where(m => m.Key is not ("objects" or "resource_type_associations")))
                Assert.True(JsonNode.DeepEquals(value, shown[name]), $"{wanted["namespace"]}: {name} is {shown[name]}");
            Assert.Equal(Names(wanted["objects"]), Names(shown["objects"]));
            Assert.Equal(Names(wanted["resource_type_associations"]), Names(shown["resource_type_associations"]));
        }
    }

    [Fact]
    public async Task A_flavor_gets_its_properties_with_their_prefix()
    {
        var topology = await cloud.Json(Persona.Reader, "GET", "image/v2/metadefs/namespaces/OS::Compute::VirtCPUTopology?resource_type=OS::Nova::Flavor");
        Assert.Equal("integer", topology["properties"]!["hw:cpu_sockets"]!["type"]!.ToString());
        Assert.Equal(403, (await cloud.Send(Persona.Admin, "DELETE", "image/v2/metadefs/namespaces/OS::Compute::VirtCPUTopology")).Status);
    }

    private static IEnumerable<string> Names(JsonNode? list) => (list?.AsArray() ?? []).Select(o => o!["name"]!.ToString()).Order();
}
