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
    public virtual void Check(ImportRequest request) { }

    /// <summary>Brings the data to the staging area (or leaves it where it is), and says what it is.</summary>
    /// <param name="image">As it was when the import began.</param>
    /// <param name="request">What was asked for.</param>
    /// <param name="copied">Told how many bytes have come.</param>
    /// <param name="ct">Stops it.</param>
    public abstract Task<DataFacts> Fetch(StoredImage image, ImportRequest request, Action<long> copied, CancellationToken ct);
}
