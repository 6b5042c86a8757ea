using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Nephos.Contracts;

namespace Nephos.Drivers.Swift;

/// <summary>Requests to an account; a token is asked for when it is needed, and again when it counts no more.</summary>
sealed class SwiftSession(SwiftOptions options) : IDisposable
{
    readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(15) }) { Timeout = Timeout.InfiniteTimeSpan };
    (string Url, string Token)? account;

    /// <summary>The answer, whatever its status; its body is read as it comes.</summary>
    /// <param name="method">Of HTTP.</param>
    /// <param name="path">Below the account, escaped.</param>
    /// <param name="body">Makes the body anew for each attempt; null for none.</param>
    /// <param name="prepare">Adds headers; null for none.</param>
    /// <param name="ct">Stops it.</param>
    public async Task<HttpResponseMessage> Send(HttpMethod method, string path, Func<HttpContent>? body, Action<HttpRequestMessage>? prepare, CancellationToken ct)
    {
        for (var again = false; ; again = true)
        {
            var (url, token) = account ??= await LogIn(ct);
            using var request = new HttpRequestMessage(method, url + path) { Content = body?.Invoke() };
            request.Headers.Add("X-Auth-Token", token);
            prepare?.Invoke(request);
            HttpResponseMessage response;
            try { response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct); }
            catch (HttpRequestException e) { throw Unreachable(e.Message); }
            if (response.StatusCode != HttpStatusCode.Unauthorized || again) return response;
            response.Dispose();
            account = null;
        }
    }

    public void Dispose() => http.Dispose();

    public static Fault Unreachable(string why) => Fault.Unavailable($"The object storage cannot be used: {why.TrimEnd('.')}.");

    async Task<(string, string)> LogIn(CancellationToken ct)
    {
        try { return options.AuthVersion == 1 ? await OwnToken(ct) : await KeystoneToken(ct); }
        catch (HttpRequestException e) { throw Unreachable(e.Message); }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException) { throw Unreachable("what gives tokens did not answer with one"); }
    }

    async Task<(string, string)> OwnToken(CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, options.AuthUrl);
        request.Headers.Add("X-Auth-User", $"{options.Project}:{options.User}");
        request.Headers.Add("X-Auth-Key", options.Key.Reveal());
        using var response = await http.SendAsync(request, ct);
        Require(response);
        return (response.Headers.GetValues("X-Storage-Url").First().TrimEnd('/'), response.Headers.GetValues("X-Auth-Token").First());
    }

    async Task<(string, string)> KeystoneToken(CancellationToken ct)
    {
        var body = new
        {
            auth = new
            {
                identity = new { methods = (string[])["password"], password = new { user = new { name = options.User, domain = new { id = options.UserDomain }, password = options.Key.Reveal() } } },
                scope = new { project = new { name = options.Project, domain = new { id = options.ProjectDomain } } },
            },
        };
        using var response = await http.PostAsJsonAsync(options.AuthUrl.TrimEnd('/') + "/auth/tokens", body, ct);
        Require(response);
        using var token = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(ct));
        var place = token.RootElement.GetProperty("token").GetProperty("catalog").EnumerateArray().Where(s => s.GetProperty("type").GetString() == "object-store").SelectMany(s => s.GetProperty("endpoints").EnumerateArray())
            .Where(e => e.GetProperty("interface").GetString() == options.Interface && (options.Region is null || e.GetProperty("region_id").GetString() == options.Region)).Select(e => e.GetProperty("url").GetString()).FirstOrDefault();
        return ((place ?? throw Unreachable("the catalog has no object-store where the settings say")).TrimEnd('/'), response.Headers.GetValues("X-Subject-Token").First());
    }

    static void Require(HttpResponseMessage response)
    {
        if (!response.IsSuccessStatusCode) throw Unreachable($"what gives tokens answered {(int)response.StatusCode}");
    }
}
