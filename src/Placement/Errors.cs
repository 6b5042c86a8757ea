using Nephos.Contracts;

namespace Nephos.Placement;

/// <summary>Every failure a user can see, in placement's sentences; a fault's name is the error's code.</summary>
internal static class Errors
{
    public const string NoCode = "placement.undefined_code", ConcurrentUpdate = "placement.concurrent_update", InventoryInUse = "placement.inventory.inuse",
        DuplicateName = "placement.duplicate_name", ProviderInUse = "placement.resource_provider.inuse",
        IsParent = "placement.resource_provider.cannot_delete_parent", ProviderNotFound = "placement.resource_provider.not_found",
        DuplicateKey = "placement.query.duplicate_key", BadValue = "placement.query.bad_value", MissingValue = "placement.query.missing_value";

    public static Fault Invalid(string message, string code = NoCode) => Fault.Invalid(message, code);
    public static Fault NotFound(string message) => Fault.NotFound(message, NoCode);
    public static Fault Conflict(string message, string code = NoCode) => Fault.Conflict(message, code);

    public static Fault NoProvider(string id) => NotFound($"No resource provider with uuid {id} found");
    public static Fault NoProviderFor(string id) => NotFound($"No resource provider with uuid {id} found: No resource provider with uuid {id} found");
    public static Fault NoProviderToDelete(string id) => NotFound($"No resource provider with uuid {id} found for delete");
    public static Fault ProviderTaken(string what) => Conflict($"Conflicting resource provider {what} already exists.", DuplicateName);
    public static Fault ProviderBusy(string id) => Conflict($"Unable to delete resource provider {id}: Resource provider has allocations.", ProviderInUse);
    public static Fault ProviderHasChildren(string id) => Conflict($"Unable to delete parent resource provider {id}: It has child resource providers.", IsParent);
    public static Fault CannotMake(string name, Guid id, string why) => Invalid($"Unable to create resource provider \"{name}\", {id}: Object action create failed because: {why}");
    public static Fault CannotSave(Guid id, string why) => Invalid($"Unable to save resource provider {id}: Object action update failed because: {why}");
    public static Fault Generation() => Conflict("resource provider generation conflict", ConcurrentUpdate);
    public static Fault GenerationChanged() => Conflict("Resource provider's generation already changed. Please update the generation and try again.", ConcurrentUpdate);
    public static Fault RaceOn(string verb) => Conflict($"{verb}: Another thread concurrently updated the resource provider data. Please retry your update", ConcurrentUpdate);

    public static Fault NoInventory(string @class, string id) => NotFound($"No inventory of class {@class} for {id}");
    public static Fault NoInventoryToDelete(string @class) => NotFound($"No inventory of class {@class} found for delete: No inventory of class {@class} found.");
    public static Fault InventoryTaken(Guid id, string @class) => Conflict($"Update conflict: Inventory of {@class} on resource provider {id} already exists", ConcurrentUpdate);
    public static Fault InUse(string verb, IEnumerable<string> classes, Guid id, string code = InventoryInUse) =>
        Conflict($"{verb}Inventory for '{string.Join(", ", classes)}' on resource provider '{id}' in use.", code);
    public static Fault BadCapacity(string verb, Guid id, string @class, bool mayBeTotal) => Invalid(
        $"Unable to {verb} inventory for resource provider {id}: Invalid inventory for '{@class}' on resource provider '{id}'. The reserved value is greater than {(mayBeTotal ? "" : "or equal to ")}total.");
    public static Fault UnknownClass(string verb, Guid id, string @class) => Invalid($"{verb} inventory for resource provider {id}: No such resource class {@class}.");
    public static Fault NoRecord(Guid id, string @class) => Invalid($"No inventory record with resource class for resource provider {id}: No inventory of class {@class} found.");

    public static Fault OverCapacity(string @class, Guid provider) => Conflict(
        $"Unable to allocate inventory: Unable to create allocation for '{@class}' on resource provider '{provider}'. The requested amount would exceed the capacity.");
    public static Fault BadUnits(string @class, Guid provider) => Conflict(
        $"Unable to allocate inventory: Unable to create allocation for '{@class}' on resource provider '{provider}'. The requested amount would violate inventory constraints.");
    public static Fault NotThere(string @class, Guid provider) => Conflict($"Unable to allocate inventory: Inventory for '{@class}' on resource provider '{provider}' invalid.");
    public static Fault AllocationOfUnknown(string provider) => Invalid($"Allocation for resource provider '{provider}' that does not exist.");
    public static Fault AllocationOfUnknownClass(string consumer, string @class) => Invalid($"Unable to allocate inventory for consumer {consumer}: No such resource class {@class}.");
    public static Fault ConsumerGeneration(string expected, string given) => Conflict($"consumer generation conflict - expected {expected} but got {given}", ConcurrentUpdate);
    public static Fault BadConsumer(string id) => Invalid($"Malformed consumer_uuid: {id}");
    public static Fault NoAllocations(string id) => NotFound($"No allocations for consumer '{id}'");

    public static Fault NoClass(string name) => NotFound($"No such resource class {name}.");
    public static Fault ClassTaken(string name) => Conflict($"Conflicting resource class already exists: {name}");
    public static Fault ClassNameTaken(string name) => Conflict($"Resource class already exists: {name}");
    public static Fault StandardClass(string name) => Invalid($"Error in delete resource class: Cannot delete standard resource class {name}.");
    public static Fault StandardClassStays(string name) => Invalid($"Cannot update standard resource class {name}");
    public static Fault ClassInUse(string name) => Conflict($"Error in delete resource class: Cannot delete resource class {name}. Class is in use in inventory.");

    public static Fault NoTrait(string name) => NotFound($"No such trait(s): {name}.");
    public static Fault StandardTrait(string name) => Invalid($"Cannot delete standard trait {name}.");
    public static Fault TraitInUse(string name) => Conflict($"The trait {name} is in use by a resource provider.");
    public static Fault BadTrait() => Invalid("The trait is invalid. A valid trait must be no longer than 255 characters, start with the prefix \"CUSTOM_\" and use following characters: \"A\"-\"Z\", \"0\"-\"9\" and \"_\"");
    public static Fault UnknownTraits(IEnumerable<string> names) => Invalid($"No such trait {string.Join(", ", names)}");
}
