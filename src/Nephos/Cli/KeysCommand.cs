using System.Globalization;
using System.Net.Http.Json;
using Nephos.Link;
using Nephos.Operators;
using Nephos.State;

namespace Nephos.Cli;

/// <summary><c>nephos keys rotate</c>: another key seals what is secret in the database; nobody is logged out and nothing stops.</summary>
static class KeysCommand
{
    public static async Task<int> Rotate(StateFolder folder, CancellationToken ct)
    {
        using var http = RunningCloud.Of(folder, TimeSpan.FromMinutes(10));
        using var response = await http.PostAsync("operators/keys", null, ct);
        var rotated = (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<KeysRotated>(LinkJson.Options, ct))!;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"A new key is in use; {rotated.Sealed} secrets were sealed anew. A copy of the old key opens only older copies of the database."));
        return 0;
    }
}
