namespace Nephos.Kernel.Api;

/// <summary>What a handler gives back. The status is the route's own unless <see cref="Status"/> says otherwise.</summary>
public sealed class Answer
{
    private List<KeyValuePair<string, string>>? _headers;

    /// <summary>The members of the JSON object in order, or null for another kind of body.</summary>
    internal (string Key, object? Value)[]? Members { get; private init; }

    /// <summary>A whole JSON value, or null.</summary>
    internal object? Value { get; private init; }

    /// <summary>A text body and its type, or null.</summary>
    internal (string ContentType, string Body)? Text { get; private init; }

    /// <summary>True when the handler wrote the response itself.</summary>
    internal bool IsWritten { get; private init; }

    /// <summary>The status, or null for the route's.</summary>
    public int? Status { get; private set; }

    internal IReadOnlyList<KeyValuePair<string, string>> Headers => _headers ?? (IReadOnlyList<KeyValuePair<string, string>>)[];

    /// <summary>A JSON object with these members; a member whose value is null is left out.</summary>
    public static Answer Json(params (string Key, object? Value)[] members) => new() { Members = members };

    /// <summary>A whole JSON value: a view, a list, a <see cref="System.Text.Json.Nodes.JsonNode"/>.</summary>
    public static Answer JsonValue(object value) => new() { Value = value };

    /// <summary>No body.</summary>
    public static Answer Empty { get => new(); }

    /// <summary>A body that is not JSON.</summary>
    public static Answer Plain(string contentType, string body) => new() { Text = (contentType, body) };

    /// <summary>The handler wrote status, headers and body itself.</summary>
    public static Answer Written { get; } = new() { IsWritten = true };

    /// <summary>Another status than the route's.</summary>
    public Answer As(int status) { Status = status; return this; }

    /// <summary>Adds a header. Values with line breaks are refused by the server.</summary>
    public Answer With(string header, string value) { (_headers ??= []).Add(new(header, value)); return this; }
}
