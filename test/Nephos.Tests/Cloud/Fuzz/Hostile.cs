using System.Text.Json.Nodes;

namespace Nephos.Tests.Cloud.Fuzz;

/// <summary>What clients should never send.</summary>
internal static class Hostile
{
    static readonly string[] Segments =
    [
        "00000000-0000-0000-0000-000000000000", "x", "..", ".", "%2F", "%2e%2e%2fetc%2fpasswd", "'", "%22", "';DROP%20TABLE%20x--", "%00", "a%00b", "%F0%9F%98%80", "%ff%fe", "%", "-1", "0",
        "9223372036854775808", "null", "detail", "%7B%7D", "*", "%25s", "%E2%80%AE", new string('a', 300), new string('b', 20_000), "%20", "a+b", "A%0d%0aSet-Cookie:x", "ALL", "default",
    ];

    static readonly string[] Queries =
    [
        "limit=-1", "limit=abc", "limit=", "limit=0", "limit=99999999999999999999", "limit=1&limit=2", "marker=x", "marker=", "marker=%00", "marker=00000000-0000-0000-0000-000000000000", "sort_key=evil", "sort_key=id;--",
        "sort_dir=up", "sort_key=name&sort_dir=asc&sort_dir=desc", "sort=name:x", "sort=:", "name=(a%2B)%2B$", "name=%5B", "name=(", "name=%00", "name=%27%20OR%201=1--", "id=x", "id=%00", "status=%F0%9F%98%80", "all_tenants=maybe", "all_tenants=1",
        "changes-since=yesterday", "changes-since=9999999-01-01", "changes-before=0", "fields=evil", "fields=", "page_reverse=True&limit=1", "page_reverse=x", "tags=%00", "tags=a,b,,", "deleted=true", "ip=%5B", "ip=.*", "created_at=gt:x", "created_at=zz:2020",
        "size_min=-5", "size_min=x", "visibility=evil", "member_status=evil", "protected=maybe", "name=in:", "name=in:%22", "name=in:a,%22b", "a%5B%5D=1", "=", "&&&", "=&=", "%00=1", "%F0%9F%98%80=1", "name=" + "a%2B", "include_names=x", "effective=x",
        "fixed_ips=ip_address%3Dx", "fixed_ips=x", "revision_number=x", "shared=maybe", "admin_state_up=maybe", "project_id=", "tenant_id=x&project_id=y", "host=%00", "reservation_id=%5C", "minDisk=x", "minRam=-1", "is_public=maybe", "enabled=perhaps", "start=x&end=y", "user_id=%00", "mtu=x", "ip_version=x",
    ];

    static readonly Func<JsonNode?>[] Values =
    [
        () => null, () => JsonValue.Create(-1), () => JsonValue.Create(long.MaxValue), () => JsonNode.Parse("9223372036854775808"), () => JsonNode.Parse("1e400"), () => JsonNode.Parse("1.5"), () => JsonNode.Parse("-0.0"), () => JsonNode.Parse("-9223372036854775808"),
        () => JsonValue.Create(0), () => JsonValue.Create(""), () => JsonValue.Create(" "), () => JsonValue.Create(new string('x', 300)), () => JsonValue.Create(new string('y', 70_000)), () => JsonValue.Create("a\0b"), () => JsonValue.Create("😀"),
        () => JsonValue.Create("\u202e\r\n\u0007"), () => JsonValue.Create("'; DROP TABLE x; --"), () => JsonValue.Create("%s{0}$(id)"), () => JsonValue.Create("../../etc/passwd"), () => JsonValue.Create("00000000-0000-0000-0000-000000000000"), () => JsonValue.Create(true), () => JsonValue.Create("true"),
        () => new JsonObject(), () => new JsonArray(), () => new JsonArray((JsonNode?)null), () => new JsonArray(new JsonObject()), () => new JsonObject { ["a"] = new JsonObject { ["b"] = new JsonArray(1, "x", null) } }, () => Deep(60), () => JsonValue.Create("2030-13-45T99:00:00Z"),
        () => JsonValue.Create("0001-01-01T00:00:00Z"), () => JsonValue.Create("9999-12-31T23:59:59Z"), () => JsonValue.Create("::/0"), () => JsonValue.Create("0.0.0.0/0"), () => JsonValue.Create("255.255.255.255"), () => JsonValue.Create("10.0.0.0/33"), () => JsonValue.Create(65536), () => JsonValue.Create(2147483648),
        () => JsonValue.Create("ff:ff:ff:ff:ff:ff"), () => JsonValue.Create("fe80::1%eth0"), () => new JsonArray("a", "a"), () => new JsonArray(1, 2), () => JsonValue.Create("1"), () => JsonValue.Create("İ"), () => JsonValue.Create("\ufffe"),
    ];

    static readonly string[] Bodies =
    [
        "", "{", "}", "null", "[]", "1", "\"x\"", "true", "{}", "not json", "{\"a\":1}{\"b\":2}", "{\"a\":1,}", "\u0000", "[[[[[[]]]]]]", "{\"a\":\"\\ud800\"}", "{\"\":null}", "<xml/>", "{\"a\":1,\"a\":2}", "\ufeff{}", "{\"a\":1e999}",
        new string('[', 5000), "{\"a\":\"" + new string('z', 120_000) + "\"}",
    ];

    public static string Segment(Random random) => Segments[random.Next(Segments.Length)];
    public static string Query(Random random) => Queries[random.Next(Queries.Length)];
    public static JsonNode? Value(Random random) => Values[random.Next(Values.Length)]();
    public static string Body(Random random) => Bodies[random.Next(Bodies.Length)];

    /// <summary>Changes one place of a body: another value, one member less, or one more.</summary>
    public static void Mutate(JsonNode root, Random random)
    {
        var places = new List<(JsonNode Parent, object Key)>();
        Collect(root, places);
        if (places.Count == 0) return;
        var (parent, key) = places[random.Next(places.Count)];
        switch (parent, random.Next(8))
        {
            case (JsonObject o, 0): o.Remove((string)key); break;
            case (JsonObject o, 1): o["evil" + random.Next(3)] = Value(random); break;
            case (JsonObject o, _): o[(string)key] = Value(random); break;
            case (JsonArray a, 0): a.RemoveAt((int)key); break;
            case (JsonArray a, _): a[(int)key] = Value(random); break;
        }
    }

    static void Collect(JsonNode? node, List<(JsonNode, object)> places)
    {
        switch (node)
        {
            case JsonObject o: foreach (var (name, value) in o) { places.Add((o, name)); Collect(value, places); } break;
            case JsonArray a: for (var i = 0; i < a.Count; i++) { places.Add((a, i)); Collect(a[i], places); } break;
        }
    }

    static JsonNode Deep(int levels)
    {
        JsonNode node = new JsonArray();
        for (var i = 0; i < levels; i++) node = i % 2 == 0 ? new JsonArray(node) : new JsonObject { ["a"] = node };
        return node;
    }
}
