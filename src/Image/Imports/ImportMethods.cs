namespace Nephos.Image.Imports;

/// <summary>The ways to import that this cloud has.</summary>
internal sealed class ImportMethods
{
    private readonly ImportMethod[] _enabled;

    public ImportMethods(IEnumerable<ImportMethod> methods, ImageOptions options) => _enabled =
    [
        .. options.ImportMethods.Select(name => methods.FirstOrDefault(m => m.Name == name)
            ?? throw new InvalidOperationException($"There is no import method {name}; there are {string.Join(", ", methods.Select(m => m.Name))}.")),
    ];

    public IEnumerable<string> Names => _enabled.Select(m => m.Name);

    public ImportMethod Of(ImportRequest request) => _enabled.FirstOrDefault(m => m.Name == request.Name)
        ?? throw Errors.BadImport($"The import method {request.Name} is not enabled any more.");
}
