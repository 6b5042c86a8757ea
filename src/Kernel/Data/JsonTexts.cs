namespace Nephos.Kernel.Data;

/// <summary>
/// The JSON that each column of a list held last. A thousand servers have a few flavors, and most have no tags: what is the same text
/// as in the row before is the same value, and is not parsed again.
/// </summary>
internal sealed class JsonTexts
{
    private readonly Dictionary<int, (string Text, object Value)> last = [];

    public T Read<T>(int column, string text)
    {
        if (last.TryGetValue(column, out var before) && before.Text == text)
        {
            return (T)before.Value;
        }
        var value = StoredJson.Read<T>(text);
        last[column] = (text, value!);
        return value;
    }
}
