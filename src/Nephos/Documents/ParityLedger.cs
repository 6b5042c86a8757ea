using System.Text;
using Nephos.Kernel.Api;

namespace Nephos.Documents;

/// <summary>The operations of the official API references beside our routes: each is here, or absent for a reason that <c>Parity/notes.tsv</c> gives.</summary>
static class ParityLedger
{
    /// <summary>Lists in <c>Parity</c>, and the service that answers their paths.</summary>
    static readonly (string List, string Service)[] Lists =
        [("identity", "identity"), ("identity-v2", "identity"), ("image", "image"), ("placement", "placement"), ("compute", "compute"), ("network", "network")];

    static readonly Lazy<IReadOnlyList<Note>> Notes = new(() => [.. Lines("notes").Select(l => new Note(l[0], l[1], l[2], l[3], l[4] == "yes", l[5]))]);

    public static string Text(IReadOnlyList<ServiceApi> services)
    {
        var text = new StringBuilder("# The official operations, and which of them are here\n\nMade by `./nephos docs` from the routes and from the lists in `src/Nephos/Documents/Parity`; a path that the references write without its version has it here.\n");
        foreach (var list in Rows(services).GroupBy(r => r.List))
        {
            text.Append($"\n## {list.Key}: {list.Count(r => r.Here)} of {list.Count()}\n\n| method | path | action | here | |\n| --- | --- | --- | :-: | --- |\n");
            foreach (var row in list) text.Append($"| {row.Method} | `{row.Path}` | {row.Action} | {(row.Here ? "yes" : "no")} | {row.Note?.Text} |\n");
        }
        return text.ToString();
    }

    /// <summary>Every operation of the lists. One that is not here and has no note is a gap that nobody decided on.</summary>
    public static IEnumerable<ParityRow> Rows(IReadOnlyList<ServiceApi> services)
    {
        foreach (var (list, type) in Lists)
        {
            var api = services.Single(s => s.Type == type);
            var ours = api.Routes.Select(r => (r.Method, Nameless(r.Pattern), r.ActionName ?? "")).ToHashSet();
            foreach (var line in Lines(list))
            {
                var (method, path, action) = (line[0], line[1], line[2]);
                var routed = Methods(method, api).Any(m => ours.Contains((m, Nameless(Common(path)), action)));
                var note = routed ? null : Notes.Value.FirstOrDefault(n => n.Says(list, method, path, action));
                yield return new ParityRow(list, method, path, action, routed || note is { Here: true }, note);
            }
        }
    }

    /// <summary>Notes about operations that meanwhile have a route, or that no list has.</summary>
    public static IEnumerable<string> StaleNotes(IReadOnlyList<ServiceApi> services) =>
        Notes.Value.Except(Rows(services).Select(r => r.Note).OfType<Note>()).Select(n => $"{n.List} {n.Method} {n.Path} {n.Action}".TrimEnd());

    static IEnumerable<string> Methods(string method, ServiceApi api) => method == "HEAD" && api.HeadAsGet ? [method, "GET"] : [method];

    // Where the reference writes one path for all kinds of things, it is here if the commonest has it.
    static string Common(string path) => path.Replace("/{resource_type}/", "/networks/", StringComparison.Ordinal);

    /// <summary>Names of placeholders differ and mean nothing.</summary>
    static string Nameless(string pattern) =>
        "/" + string.Join('/', pattern.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(s => s[0] == '{' ? "{}" : s));

    static IEnumerable<string[]> Lines(string name)
    {
        using var reader = new StreamReader(typeof(ParityLedger).Assembly.GetManifestResourceStream($"parity/{name}.tsv")!);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(l => l.Split('\t'))];
    }
}

/// <summary>An operation of the references, and whether we have it.</summary>
sealed record ParityRow(string List, string Method, string Path, string Action, bool Here, Note? Note);

/// <summary>What there is to say of the operations of a list that no route stands for; a method or a path may end in <c>*</c>.</summary>
sealed record Note(string List, string Method, string Path, string Action, bool Here, string Text)
{
    public bool Says(string list, string method, string path, string action) =>
        List == list && Action == action && Fits(Method, method) && Fits(Path, path);

    static bool Fits(string pattern, string text) => pattern.EndsWith('*') ? text.StartsWith(pattern[..^1], StringComparison.Ordinal) : text == pattern;
}
