using System.Text;

namespace Nephos.Kernel.Api;

/// <summary>Reads a form (<c>application/x-www-form-urlencoded</c>) of a raw route within the limit that JSON has.</summary>
internal static class FormBody
{
    public static async Task<QueryArgs> Read(Call call)
    {
        if (!call.BodyType.Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase)) return new QueryArgs("");
        using var bytes = new MemoryStream();
        var buffer = new byte[4096];
        while (await call.BodyStream.ReadAsync(buffer, call.Cancel) is > 0 and var read)
        {
            if (bytes.Length + read > JsonBody.Limit) throw call.Api.Face.BodyTooLarge(call);
            bytes.Write(buffer, 0, read);
        }
        return new QueryArgs(Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length));
    }
}
