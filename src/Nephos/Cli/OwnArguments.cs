using System.Globalization;
using System.Text;

namespace Nephos.Cli;

/// <summary>This process's arguments as the kernel shows them to every user of the host (<c>ps</c>).</summary>
static unsafe class OwnArguments
{
    /// <summary>Paints over a text in them. What we parsed of it stays.</summary>
    public static void Hide(string text)
    {
        // Fields behind the name, which is in parentheses and may hold anything: the third is first. arg_start is the 48th, arg_end the 49th.
        var stat = File.ReadAllText("/proc/self/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        var (start, end) = (Field(fields[45]), Field(fields[46]));
        if (start == 0 || end <= start) return;
        var arguments = new Span<byte>((void*)start, (int)(end - start));
        var hidden = Encoding.UTF8.GetBytes(text);
        for (var at = arguments.IndexOf(hidden); at >= 0; at = arguments.IndexOf(hidden)) arguments.Slice(at, hidden.Length).Fill((byte)'*');
    }

    static nuint Field(string text) => nuint.Parse(text, CultureInfo.InvariantCulture);
}
