using System.Buffers;
using System.Text.Json;
using Nephos.Contracts;

namespace Nephos.Kernel.Api;

/// <summary>Reads a request's JSON within upstream's limits: 114,688 bytes (oslo.middleware), 64 levels, whole numbers within 64 bits.</summary>
internal static class JsonBody
{
    internal const int Limit = 114_688;
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64 };

    /// <summary>The value, or null for an empty body.</summary>
    public static async Task<JsonElement?> Read(Call call)
    {
        if (call.BodyLength > Limit) throw call.Api.Face.BodyTooLarge(call);
        if (call.BodyLength == 0 || call.BodyLength is null && call.Method is "GET" or "HEAD" or "DELETE" && !call.Http.Request.Headers.ContainsKey("Transfer-Encoding")) return null;
        var reader = call.Http.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(call.Cancel);
            if (read.Buffer.Length > Limit) throw call.Api.Face.BodyTooLarge(call);
            if (!read.IsCompleted)
            {
                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                continue;
            }
            try
            {
                if (read.Buffer.IsEmpty) return null;
                RefuseHugeNumbers(read.Buffer);
                using var document = JsonDocument.Parse(read.Buffer, Options);
                return document.RootElement.Clone();
            }
            catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
            {
                throw call.Api.Face.MalformedBody(call, e.Message);
            }
            finally
            {
                reader.AdvanceTo(read.Buffer.End);
            }
        }
    }

    // Also touches every text, so that broken UTF-8 and lone surrogates fail here and not in a handler; zero bytes would fail in PostgreSQL.
    private static void RefuseHugeNumbers(ReadOnlySequence<byte> body)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 64 });
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.Number:
                    if (!reader.TryGetInt64(out _) && (!reader.TryGetDouble(out var number) || !double.IsFinite(number) || IsWhole(reader)))
                        throw new FormatException("A number is out of range.");
                    break;
                case JsonTokenType.String or JsonTokenType.PropertyName:
                    if (reader.GetString()!.Contains('\0', StringComparison.Ordinal)) throw new FormatException("A text holds a zero byte.");
                    break;
            }
        }
    }

    private static bool IsWhole(Utf8JsonReader reader)
    {
        var raw = reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan;
        return raw.IndexOfAny("eE."u8) < 0;
    }
}
