using Nephos.Client;

namespace Nephos.Cli;

/// <summary><c>nephos image export</c>: an image's disk as a file for another product, of whatever cloud the openrc file names that has this extension.</summary>
static class ImageExportCommand
{
    const int BlockSize = 1 << 20;

    public static async Task<int> Run(string image, string format, bool compress, string? output, CancellationToken ct)
    {
        if (output is not null && output != "-" && File.Exists(output)) throw new Refusal($"{output} is there already", "Remove it, or choose another --output.");
        try
        {
            using var cloud = await OpenStackSession.LogIn(Environment.GetEnvironmentVariable, ct);
            var images = cloud.Endpoint("image") + "/v2/images";
            using var answer = await cloud.Open($"{images}/{await Find(cloud, images, image, ct)}/export?format={Uri.EscapeDataString(format)}{(compress ? "&compress=true" : "")}", ct);
            await using var data = await answer.Content.ReadAsStreamAsync(ct);
            var bar = new ProgressBar(Console.Error, !Console.IsErrorRedirected, answer.Content.Headers.ContentLength, TimeProvider.System);
            if (output == "-")
            {
                await using var standard = Console.OpenStandardOutput();
                await Copy(data, standard, bar, ct);
                return 0;
            }
            // A name of somebody else's: never a path.
            output ??= Path.GetFileName(answer.Content.Headers.ContentDisposition?.FileName?.Trim('"') ?? $"{image}.{format}");
            if (File.Exists(output)) throw new Refusal($"{output} is there already", "Remove it, or choose another --output.");
            await Save(data, output, bar, ct);
            Console.WriteLine($"{output}: {new FileInfo(output).Length} bytes");
            return 0;
        }
        catch (CloudRefused refused) { throw new Refusal(refused.Message); }
        catch (HttpRequestException e) { throw new Refusal($"the cloud cannot be asked: {e.Message}"); }
    }

    static async Task<string> Find(OpenStackSession cloud, string images, string image, CancellationToken ct)
    {
        if (Guid.TryParse(image, out _) && await cloud.Find($"{images}/{image}", ct) is not null) return image;
        var found = (await cloud.Find($"{images}?name={Uri.EscapeDataString(image)}", ct))?["images"]?.AsArray() ?? [];
        return found.Count == 1 ? found[0]!["id"]!.GetValue<string>() : throw new Refusal(found.Count == 0 ? $"there is no image {image}" : $"there are {found.Count} images named {image}", "`openstack image list` shows their ids.");
    }

    static async Task Save(Stream data, string output, ProgressBar bar, CancellationToken ct)
    {
        var unfinished = output + ".part";
        try
        {
            await using (var file = File.Create(unfinished)) await Copy(data, file, bar, ct);
            File.Move(unfinished, output);
        }
        finally { File.Delete(unfinished); }
    }

    static async Task Copy(Stream from, Stream to, ProgressBar bar, CancellationToken ct)
    {
        var (block, copied) = (new byte[BlockSize], 0L);
        while (await from.ReadAsync(block, ct) is > 0 and var read)
        {
            await to.WriteAsync(block.AsMemory(0, read), ct);
            bar.At(copied += read);
        }
        bar.Done();
    }
}
