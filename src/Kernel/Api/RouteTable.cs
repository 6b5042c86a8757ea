namespace Nephos.Kernel.Api;

/// <summary>
/// Finds the routes of a path. A tree of segments of our own instead of the framework's: OpenStack's literals are case-sensitive,
/// encoded slashes must stay, several routes share a path and method (versions, actions), and thousands of routes must not cost start-up.
/// </summary>
internal sealed class RouteTable
{
    private readonly Node _root = new();

    /// <param name="route">To be found by its path and method.</param>
    /// <param name="endSlash">True: a slash at the end of the pattern is part of it.</param>
    public void Add(Route route, bool endSlash = false)
    {
        var node = _root;
        foreach (var segment in route.Pattern.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (segment.StartsWith("{*", StringComparison.Ordinal)) { node = node.Rest ??= new Node(); break; }
            node = segment[0] == '{' ? node.Any ??= new Node() : Child(node, segment);
        }
        if (endSlash && route.Pattern.Length > 1 && route.Pattern.EndsWith('/')) node = Child(node, "");
        if (!node.Methods.TryGetValue(route.Method, out var routes)) node.Methods[route.Method] = routes = [];
        routes.Add(route);
    }

    /// <param name="segments">Decoded; only the last may be empty, after a slash that counts.</param>
    /// <param name="method">HTTP method.</param>
    /// <param name="emptyIds">True: a placeholder takes an empty segment.</param>
    public RouteMatch Find(IReadOnlyList<string> segments, string method, bool emptyIds = false)
    {
        var match = new RouteMatch { EmptyIds = emptyIds };
        Walk(_root, segments, 0, method, match);
        return match;
    }

    // Depth first with literals before placeholders; a branch without the method is remembered only for 405.
    private static bool Walk(Node node, IReadOnlyList<string> segments, int at, string method, RouteMatch match)
    {
        if (at == segments.Count) return Takes(node, method, match);
        if (node.Literals.TryGetValue(segments[at], out var literal) && Walk(literal, segments, at + 1, method, match)) return true;
        if (node.Any is { } any && (segments[at].Length > 0 || match.EmptyIds) && Walk(any, segments, at + 1, method, match)) return true;
        return node.Rest is { } rest && Takes(rest, method, match);
    }

    private static bool Takes(Node node, string method, RouteMatch match)
    {
        if (node.Methods.Count == 0) return false;
        foreach (var known in node.Methods.Keys) match.Allowed.Add(known);
        if (!node.Methods.TryGetValue(method, out var routes)) return false;
        match.Routes = routes;
        return true;
    }

    private static Node Child(Node node, string segment) => node.Literals.TryGetValue(segment, out var child) ? child : node.Literals[segment] = new Node();

    private sealed class Node
    {
        public Dictionary<string, Node> Literals { get; } = new(StringComparer.Ordinal);
        public Node? Any { get; set; }
        public Node? Rest { get; set; }
        public Dictionary<string, List<Route>> Methods { get; } = new(StringComparer.Ordinal);
    }
}

internal sealed class RouteMatch
{
    public bool EmptyIds { get; init; }

    /// <summary>Routes of the path and method: one per version range or action.</summary>
    public IReadOnlyList<Route> Routes { get; set; } = [];

    /// <summary>Methods the path has; empty: the path is unknown.</summary>
    public SortedSet<string> Allowed { get; } = new(StringComparer.Ordinal);
}
