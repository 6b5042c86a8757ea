using System.Text.Json;
using Nephos.Contracts;
using Nephos.Image.Tasks;
using Nephos.Kernel.Api;
using Nephos.Kernel.Operations;

namespace Nephos.Image.Imports;

/// <summary>Begins an import: the image says so, a task tells of it, and an operation does it.</summary>
internal sealed class NewImport(ImageDb db, ImportTable imports, TaskTable tasks, ImportPlugins plugins, Operations<ImageDb> operations)
{
    /// <param name="call">Who asked.</param>
    /// <param name="type">The task's type.</param>
    /// <param name="input">What the task was given.</param>
    /// <param name="image">The image.</param>
    /// <param name="request">What to do.</param>
    /// <param name="method">By which method.</param>
    /// <param name="targets">Into which stores.</param>
    public async Task<TaskRow> Begin(Call call, string type, JsonElement input, Guid image, ImportRequest request, ImportMethod method, IReadOnlyList<string> targets)
    {
        var task = TaskRow.Begun(call, image, type, input, db.Now);
        var changes = method is CopyImage ? null : plugins.Injected(call.Caller);
        method.Remember(task.Id, new Secret(call.Header("X-Auth-Token") ?? ""));
        try
        {
            await db.InTransaction(async () =>
            {
                if (!await imports.Begin(image, method.From, task.Id, targets)) throw Errors.ImportRuns(image);
                await tasks.Insert(task);
                await operations.Start(ImportImage.Resource(image), new ImportImage.State(image, task.Id, request, targets) { Changes = changes });
            });
            return task;
        }
        catch (Exception e)
        {
            method.Forget(task.Id);
            throw e is DuplicateOperation ? Errors.ImportRuns(image) : e;
        }
    }
}
