using System.Text.Json;
using Microsoft.Extensions.Logging;
using Nephos.Contracts;
using Nephos.Logging;
using Xunit;

namespace Nephos.Tests;

public sealed class LogsTests
{
    [Fact]
    public void An_event_is_one_line_with_its_values_its_scopes_and_no_secret()
    {
        using var temp = new TempFolder();
        using (var provider = new JsonFileLogger(temp["x.log"], TimeProvider.System))
        using (var factory = LoggerFactory.Create(b => b.AddProvider(provider)))
        {
            var log = factory.CreateLogger("Nephos.Some.Part");
            using (log.BeginScope(new Dictionary<string, object?> { ["RequestId"] = "req-1" }))
                log.LogWarning("Port {Port} of {Password}\nlost", 7, new Secret("hunter2"));
        }
        var line = Assert.Single(File.ReadAllLines(temp["x.log"]));
        using var json = JsonDocument.Parse(line);
        Assert.Equal("req-1", json.RootElement.GetProperty("RequestId").GetString());
        Assert.Equal(7, json.RootElement.GetProperty("Port").GetInt64());
        Assert.Equal("Port 7 of ***\nlost", json.RootElement.GetProperty("text").GetString());
        Assert.Equal("warn", json.RootElement.GetProperty("level").GetString());
        Assert.DoesNotContain("hunter2", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_is_bounded_to_four_files()
    {
        using var temp = new TempFolder();
        using (var provider = new JsonFileLogger(temp["x.log"], TimeProvider.System))
        {
            var log = provider.CreateLogger("part");
            var text = new string('x', 1 << 20);
            for (var i = 0; i < 100; i++) log.LogInformation("{Text}", text);
        }
        var files = Directory.GetFiles(temp.Path);
        Assert.Equal(4, files.Length);
        Assert.All(files, f => Assert.InRange(new FileInfo(f).Length, 1, 21 << 20));
    }
}
