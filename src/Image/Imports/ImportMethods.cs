namespace Nephos.Image.Imports;

/// <summary>The ways to import that this cloud has.</summary>
internal sealed class ImportMethods(IEnumerable<ImportMethod> methods)
{
    private readonly ImportMethod[] _all = [.. methods];

    public IEnumerable<string> Names => _all.Select(m => m.Name);

    public ImportMethod Of(ImportRequest request) => _all.First(m => m.Name == request.Name);
}
