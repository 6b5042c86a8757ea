using Nephos.Contracts;
using Nephos.Image.Images;

namespace Nephos.Image.Imports;

/// <summary>A way for data to come into an image.</summary>
internal abstract class ImportMethod
{
    /// <summary>As requests name it.</summary>
    public abstract string Name { get; }

    /// <summary>The status an image must have for it.</summary>
    public virtual string From => "queued";

    /// <summary>The refusal of an image in another status.</summary>
    public virtual Fault WrongStatus() => Errors.Import($"Image needs to be in 'queued' state to use '{Name}' method");

    /// <summary>Refuses parameters that cannot work.</summary>
    public virtual Task Check(ImportRequest request, CancellationToken ct) => Task.CompletedTask;

    /// <summary>Keeps what must not be written down of a request until its import runs; <paramref name="task"/> asks for it.</summary>
    public virtual void Remember(Guid task, Secret token) { }

    /// <summary>The import is over.</summary>
    public virtual void Forget(Guid task) { }

    /// <summary>Brings the data to the staging area (or leaves it where it is), and says what it is.</summary>
    public abstract Task<Arrival> Fetch(ImportJob job, CancellationToken ct);
}

/// <summary>An import under way.</summary>
/// <param name="Task">The task that tells of it.</param>
/// <param name="Image">As it was when the import began.</param>
/// <param name="Request">What was asked for.</param>
/// <param name="Copied">Told how many bytes have come.</param>
internal sealed record ImportJob(Guid Task, StoredImage Image, ImportRequest Request, Action<long> Copied);

/// <summary>Data that has come.</summary>
/// <param name="Facts">What is known of it.</param>
/// <param name="Changes">What the image becomes by it, or null.</param>
internal sealed record Arrival(DataFacts Facts, ImageChanges? Changes = null);
