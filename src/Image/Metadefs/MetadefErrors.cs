using Nephos.Contracts;

namespace Nephos.Image.Metadefs;

/// <summary>What can be wrong with definitions, in glance's sentences.</summary>
internal static class MetadefErrors
{
    public static Fault NoNamespace(string name) => Fault.NotFound($"Metadata definition namespace={name} was not found.");
    public static Fault NamespaceNotFound(string name) => Fault.NotFound($"Namespace {name} not found");
    public static Fault NamespaceTaken(string name) => Fault.Conflict($"The metadata definition namespace={name} already exists.");
    public static Fault NamespaceProtected(string name) => Fault.Forbidden($"Metadata definition namespace {name} is protected and cannot be deleted.");
    public static Fault NoItem(string kind, string name, string space) => Fault.NotFound($"The metadata definition {kind} with name={name} was not found in namespace={space}.");
    public static Fault ItemTaken(string kind, string name, string space) => Fault.Conflict(kind == "tag"
        ? $"A metadata tag with name={name} already exists in namespace={space}. (Please note that metadata tag names are case insensitive)."
        : $"A metadata definition {kind} with name={name} already exists in namespace={space}.");
    public static Fault NoAssociation(string name) => Fault.NotFound($"Failed to find resource type {name} to delete");
    public static Fault AssociationTaken(string name, string space) =>
        Fault.Conflict($"The metadata definition resource-type association of resource-type={name} to namespace={space} already exists.");
    public static Fault NoPrefix(string name, string? prefix) =>
        Fault.NotFound($"Property {name} does not start with the expected resource type association prefix of '{prefix ?? "None"}'.");
}
