using System.Reflection;
using System.Text.RegularExpressions;
using Xunit;

namespace Nephos.Tests.Architecture;

/// <summary>ARCHITECTURE.md's rules about who may know whom, and the budgets that keep files readable.</summary>
public partial class StructureTests
{
    static readonly string[] Parts = ["Contracts", "Kernel", "Drivers", "Node", "Nephos"];
    static readonly string[] Services = [.. Repository.References.Keys.Except(Parts).Order(StringComparer.Ordinal)];

    public static TheoryData<string> ServiceNames => [.. Services];

    [Fact]
    public void Projects_refer_only_to_whom_they_may()
    {
        foreach (var (project, references) in Repository.References)
        {
            string[] allowed = project switch
            {
                "Contracts" => [],
                "Kernel" or "Drivers" => ["Contracts"],
                "Node" => ["Contracts", "Kernel"],
                "Nephos" => [.. Parts, .. Services],
                _ => ["Contracts", "Kernel"],
            };
            Assert.True(references.All(allowed.Contains), $"{project} refers to {string.Join(", ", references.Except(allowed))}");
        }
    }

    [Theory, MemberData(nameof(ServiceNames))]
    public void A_service_shows_its_doors_and_nothing_else(string service)
    {
        var shown = Assembly.Load("Nephos." + service).GetExportedTypes().Where(t => !t.IsNested && t.Name != service + "Service" && !t.Name.EndsWith("Options", StringComparison.Ordinal) && t.Name != service + "Settings");
        Assert.Empty(shown.Select(t => t.FullName));
    }

    [Fact]
    public void The_kernel_names_no_resource_of_openstack()
    {
        var words = Resources();
        var found = Repository.Sources.Where(f => f.Contains("/src/Kernel/", StringComparison.Ordinal))
            .SelectMany(f => File.ReadLines(f).Where(l => !l.TrimStart().StartsWith("//", StringComparison.Ordinal) && words.IsMatch(l)).Select(l => $"{Path.GetFileName(f)}: {l.Trim()}"));
        Assert.Empty(found);
    }

    [Fact]
    public void A_driver_uses_no_other_driver()
    {
        // Exec runs programs for all of them; the network drivers share what is known of namespaces.
        string[] shared = ["Exec", "Namespaces"];
        var folder = Path.Combine(Repository.Root, "src", "Drivers");
        var drivers = Directory.EnumerateDirectories(folder).Select(d => Path.GetFileName(d)!).Except(["obj", "bin"]).ToList();
        foreach (var driver in drivers)
            foreach (var file in Directory.EnumerateFiles(Path.Combine(folder, driver), "*.cs", SearchOption.AllDirectories))
                foreach (var other in drivers.Where(d => d != driver && !shared.Contains(d)))
                    Assert.False(File.ReadAllText(file).Contains($"using Nephos.Drivers.{other};", StringComparison.Ordinal), $"{driver}/{Path.GetFileName(file)} uses {other}");
    }

    [Fact]
    public void Only_node_and_image_use_the_drivers_contracts()
    {
        var users = Repository.Sources.Where(f => !f.Contains("/src/Drivers/", StringComparison.Ordinal) && !f.Contains("/src/Node/", StringComparison.Ordinal)
            && !f.Contains("/src/Nephos/", StringComparison.Ordinal) && !f.Contains("/src/Contracts/", StringComparison.Ordinal) && !f.Contains("/src/Image/", StringComparison.Ordinal));
        // Services name records of specs (what they want of a node), never an interface of a driver.
        foreach (var file in users) Assert.False(DriverInterface().IsMatch(File.ReadAllText(file)), $"{file} names a driver's interface");
    }

    [Fact]
    public void Files_stay_within_500_lines() =>
        Assert.Empty(Repository.Sources.Select(f => (File: f, Lines: File.ReadLines(f).Count())).Where(f => f.Lines > 500).Select(f => $"{Path.GetFileName(f.File)}: {f.Lines}"));

    [Fact]
    public void Interfaces_stay_within_15_members() =>
        Assert.Empty(Assembly.Load("Nephos.Contracts").GetTypes().Where(t => t.IsInterface && t.GetMethods().Length > 15).Select(t => t.Name));

    /// <summary>Under systemd's own defaults a restart of the program kills all guests, and they get no control groups.</summary>
    [Theory]
    [InlineData("KillMode=process")]
    [InlineData("Delegate=yes")]
    [InlineData("WantedBy=multi-user.target")]
    public void The_unit_leaves_guests_alone_and_starts_with_the_host(string line) =>
        Assert.Contains(line, File.ReadLines(Path.Combine(Repository.Root, "packaging", "nephos.service")));

    /// <summary>A comparison that ends at the first difference tells how much of a guess is right.</summary>
    [Fact]
    public void Secrets_are_compared_in_constant_time()
    {
        Assert.Matches(HastyComparison(), "if (given.Signature == computed)");
        Assert.Matches(HastyComparison(), "return hmac.AsSpan().SequenceEqual(right)");
        Assert.Matches(HastyComparison(), "x != adminToken.Reveal()");
        Assert.DoesNotMatch(HastyComparison(), "if (password == null || Signature is not null)");
        Assert.Empty(Repository.Sources.SelectMany(f => File.ReadLines(f).Where(l => HastyComparison().IsMatch(l)).Select(l => $"{Path.GetFileName(f)}: {l.Trim()}")));
    }

    [Fact]
    public void Nothing_is_left_for_later() =>
        Assert.DoesNotContain(Repository.Sources, f => Later().IsMatch(File.ReadAllText(f)));

    [GeneratedRegex("""
        (?ix) (secret | signature | passcode | password | hmac | verifier) \w* (\.\w+\(\))? \s* (==|!=) \s* (?!null|true|false|"")[A-Za-z_]
        | (==|!=) \s* (\w+\.)* (?!null)\w* (secret | signature | passcode | password | hmac | verifier)
        | (secret | signature | passcode | password | hmac | verifier) \w* (\.\w+\(\))? \.(Equals|SequenceEqual)\(
        | \.Reveal\(\)\s*(==|!=|\.Equals) | (==|!=)\s*[\w.]+\.Reveal\(\)
        """)]
    private static partial Regex HastyComparison();

    [GeneratedRegex(@"\b(flavors?|subnets?|routers?|keypairs?|hypervisors?|floating_?ips?)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Resources();

    [GeneratedRegex(@"\b(IHypervisor|IVirtualSwitch|IRouter|IDhcpServer|INamespaces|IConfigDriveMaker)\b")]
    private static partial Regex DriverInterface();

    // ("FIXME" is a value that guests see upstream.)
    [GeneratedRegex(@"(?<!"")\b(TODO|FIXME|HACK|NotImplementedException)\b|Thread\.Sleep")]
    private static partial Regex Later();
}
