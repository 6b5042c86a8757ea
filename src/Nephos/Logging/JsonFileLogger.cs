using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Nephos.Logging;

/// <summary>
/// Appends log events to a file, one JSON object per line: <c>t</c>, <c>level</c>, <c>from</c>, <c>text</c>, the values in the message and of the
/// scopes around it (the request id among them), and the exception. At 20 MiB the file becomes <c>.1</c>, of which there are three.
/// </summary>
sealed class JsonFileLogger(string path, TimeProvider time) : ILoggerProvider, ISupportExternalScope
{
    const long RotateAt = 20 << 20;
    const int Kept = 3;
    readonly TimeProvider time = time;
    readonly Lock gate = new();
    IExternalScopeProvider scopes = new LoggerExternalScopeProvider();
    FileStream? file;

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => scopes = scopeProvider;

    public void Dispose() => file?.Dispose();

    void Append(ReadOnlySpan<byte> line)
    {
        lock (gate)
        {
            file ??= Open();
            if (file.Length + line.Length > RotateAt) Rotate();
            file.Write(line);
            file.Flush();
        }
    }

    FileStream Open() => new(path, new FileStreamOptions
    {
        Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead,
    });

    void Rotate()
    {
        file!.Dispose();
        for (var n = Kept; n > 1; n--)
            if (File.Exists($"{path}.{n - 1}")) File.Move($"{path}.{n - 1}", $"{path}.{n}", overwrite: true);
        File.Move(path, path + ".1", overwrite: true);
        file = Open();
    }

    sealed class Category(JsonFileLogger owner, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => owner.scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var buffer = new ArrayBufferWriter<byte>(512);
            using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true }))
            {
                json.WriteStartObject();
                json.WriteString("t", owner.time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ"));
                json.WriteString("level", logLevel switch { LogLevel.Information => "info", LogLevel.Warning => "warn", _ => logLevel.ToString().ToLowerInvariant() });
                json.WriteString("from", name);
                json.WriteString("text", formatter(state, exception));
                owner.scopes.ForEachScope(static (scope, writer) => Values(scope, writer), json);
                Values(state, json);
                if (exception is not null) json.WriteString("exception", exception.ToString());
                json.WriteEndObject();
            }
            buffer.Write("\n"u8);
            owner.Append(buffer.WrittenSpan);
        }

        static void Values(object? values, Utf8JsonWriter json)
        {
            if (values is not IEnumerable<KeyValuePair<string, object?>> pairs) return;
            foreach (var (key, value) in pairs)
            {
                // The web server's scope holds the raw path, in which a token may be; the pipeline names the path without.
                if (key is "{OriginalFormat}" or "RequestPath" || value is null) continue;
                // Secrets print as ***: everything goes through ToString.
                if (value is int or long) json.WriteNumber(key, Convert.ToInt64(value));
                else json.WriteString(key, value.ToString());
            }
        }
    }
}
