using System.Text;
using System.Text.Json;
using Nephos.Kernel.Data;
using Nephos.Kernel.Limits;

namespace Nephos.Compute.Servers;

/// <summary>A file that was given with a request, which the guest finds on its config drive.</summary>
/// <param name="Path">Where the user wants it.</param>
/// <param name="Contents">Base64.</param>
internal sealed record InjectedFile(string Path, string Contents)
{
    public byte[] Data => Convert.FromBase64String(string.Concat(Contents.Where(c => !char.IsWhiteSpace(c))));
}

/// <summary>The files of requests before 2.57, which the project's limits bound in number, path and size.</summary>
internal sealed class Personality(Quotas<ComputeDb> quotas)
{
    public async Task<InjectedFile[]> Read(JsonElement request, string project)
    {
        if (request.Part("personality") is not { } list || list.GetArrayLength() == 0) return [];
        var files = list.EnumerateArray().Select(f => new InjectedFile(f.GetProperty("path").GetString()!, f.GetProperty("contents").GetString()!)).ToArray();
        var limits = await quotas.Of(project);
        if (Over("injected_files", files.Length)) throw Errors.TooManyFiles();
        if (Over("injected_file_path_bytes", files.Max(f => Encoding.UTF8.GetByteCount(f.Path)))) throw Errors.FilePathTooLong(limits["injected_file_path_bytes"]);
        if (Over("injected_file_content_bytes", files.Max(f => f.Data.Length))) throw Errors.FileTooLarge(limits["injected_file_content_bytes"]);
        return files;

        bool Over(string resource, long asked) => limits[resource] is >= 0 and var limit && asked > limit;
    }
}
