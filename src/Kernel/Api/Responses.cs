using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Nephos.Kernel.Api.Views;

namespace Nephos.Kernel.Api;

/// <summary>Writes answers and errors.</summary>
internal static class Responses
{
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static async Task Write(Call call, Answer answer)
    {
        if (answer.IsWritten) return;
        var response = call.Http.Response;
        response.StatusCode = answer.Status ?? call.Route!.Status;
        foreach (var (name, value) in answer.Headers) response.Headers.Append(name, value);
        var isHead = call.Method == "HEAD";
        if (answer.Text is { } text)
        {
            response.ContentType = text.ContentType;
            var bytes = Encoding.UTF8.GetBytes(text.Body);
            response.ContentLength = bytes.Length;
            if (!isHead) await response.Body.WriteAsync(bytes, call.Cancel);
            return;
        }
        if (answer.Members is null && answer.Value is null)
        {
            if (response.StatusCode is not (204 or 304)) response.ContentLength = 0;
            return;
        }
        response.ContentType = call.Api.JsonType;
        if (isHead) return;
        var options = ViewJson.For(call.Api.Times, call.Api.Versions is null ? null : call.Version);
        using var buffer = new PooledBuffer();
        using (var json = new Utf8JsonWriter(buffer, WriterOptions))
        {
            if (answer.Value is { } value) JsonSerializer.Serialize(json, value, value.GetType(), options);
            else WriteMembers(json, answer.Members!, options);
        }
        response.ContentLength = buffer.Written.Length;
        await response.Body.WriteAsync(buffer.Written, call.Cancel);
    }

    public static async Task Write(Call call, ErrorBody error)
    {
        var response = call.Http.Response;
        if (response.HasStarted) { call.Http.Abort(); return; }
        response.StatusCode = error.Status;
        response.ContentType = error.ContentType;
        foreach (var (name, value) in error.Headers) response.Headers[name] = value;
        var bytes = Encoding.UTF8.GetBytes(error.Body);
        response.ContentLength = bytes.Length;
        if (call.Method != "HEAD") await response.Body.WriteAsync(bytes, CancellationToken.None);
    }

    private static void WriteMembers(Utf8JsonWriter json, (string Key, object? Value)[] members, JsonSerializerOptions options)
    {
        json.WriteStartObject();
        foreach (var (key, value) in members)
        {
            if (value is null) continue;
            json.WritePropertyName(key);
            JsonSerializer.Serialize(json, value, value.GetType(), options);
        }
        json.WriteEndObject();
    }
}
