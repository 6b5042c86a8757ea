using Microsoft.Extensions.DependencyInjection;
using Nephos.Cloud;
using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Data;
using Nephos.Roles;

namespace Nephos.Documents;

/// <summary>Documents that are made from the program itself; a test compares them with those in <c>docs/generated</c>.</summary>
static class GeneratedDocuments
{
    /// <summary>Text by file name.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> All()
    {
        var services = await Services();
        var texts = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["commands.md"] = CommandReference.Text(services),
            ["parity.md"] = ParityLedger.Text(services),
            ["services.md"] = ServiceGraph.Text(),
            ["settings.md"] = SettingsReference.Text(),
        };
        foreach (var api in services)
        {
            texts[$"api-{api.Type}.md"] = ApiInventory.Of(api);
            texts[$"policy-{api.Type}.yaml"] = PolicySample.Of(api);
            texts[$"policy-matrix-{api.Type}.md"] = PolicyMatrix.Of(api);
        }
        return texts;
    }

    /// <summary>Every service with its routes and rules, though none of them runs.</summary>
    public static async Task<IReadOnlyList<ServiceApi>> Services(Func<string, IReadOnlyDictionary<string, string>>? legacyRules = null)
    {
        var folder = Directory.CreateTempSubdirectory("nephos-docs-").FullName;
        try
        {
            var start = new ControllerStart(new NephosOptions { State = folder, Fake = true }, "d0c5d0c5", folder, Path.Combine(folder, "link.sock"), new Secret("none"), null);
            var services = new ServiceCollection();
            services.AddLogging();
            services.AddSingleton(TimeProvider.System);
            services.AddDatabase(new DatabaseOptions { SqlitePath = Path.Combine(folder, "docs.db"), Durable = false });
            services.AddApi(new ApiOptions { LegacyRules = legacyRules });
            Cloud.Services.Add(services, start);
            await using var provider = services.BuildServiceProvider();
            var gateway = provider.GetRequiredService<Gateway>();
            Cloud.Services.Map(provider);
            return [.. gateway.Services.OrderBy(s => s.Type, StringComparer.Ordinal)];
        }
        finally { Directory.Delete(folder, recursive: true); }
    }
}
