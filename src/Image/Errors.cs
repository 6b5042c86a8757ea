using Nephos.Contracts;

namespace Nephos.Image;

/// <summary>Every failure a user can see, in glance's sentences.</summary>
internal static class Errors
{
    public static Fault NoImage(string id) => Fault.NotFound($"No image found with ID {id}");
    public static Fault NoImageToDelete(string id) => Fault.NotFound($"Failed to find image {id} to delete");
    public static Fault ImageNotFound(string id) => Fault.NotFound($"Image {id} not found.");
    public static Fault NothingHere() => Fault.NotFound("The resource could not be found.");
    public static Fault IdTaken(Guid id) => Fault.Conflict($"Image ID {id} already exists!", "Duplicate");
    public static Fault DeletedBefore(Guid id) => Fault.Conflict($"The image {id} was deleted.", "Gone");
    public static Fault NotAuthorized(string action) => Fault.Forbidden($"You are not authorized to complete {action} action.");
    public static Fault NotYourOwner(string? owner) => Fault.Forbidden($"You are not permitted to create images owned by '{owner}'");
    public static Fault OwnerIsAdmins() => Fault.Forbidden("Owner can't be updated by non admin.");
    public static Fault Protected(Guid id) => Fault.Forbidden($"Image {id} is protected and cannot be deleted.");
    public static Fault ReadOnly(string name) => Fault.Forbidden($"Attribute '{name}' is read-only.");
    public static Fault Reserved(string name) => Fault.Forbidden($"Attribute '{name}' is reserved.");
    public static Fault NameTooLong() => Fault.Invalid("Custom property should not be greater than 255 characters.");
    public static Fault BadSchema(string schema, string why) => Fault.Invalid($"Provided object does not match schema '{schema}': {why}");
    public static Fault Negative(string name, long value) => Fault.Invalid($"Invalid value '{value}' for parameter '{name}': Cannot be a negative value");
    public static Fault QueuedOnly(string name) => Fault.Forbidden($"Attribute {name} can be only replaced for a queued image.");
    public static Fault NoSuchProperty(string name) => Fault.Conflict($"Property {name} does not exist.");
    public static Fault PropertyThere(string name) => Fault.Conflict($"Property {name} already present.");
    public static Fault PropertyStays(string name) => Fault.Forbidden($"Property {name} may not be removed.");
    public static Fault Locations(string verb) => Fault.Forbidden($"It's not allowed to {verb} locations if locations are invisible.");
    public static Fault EmptyLocations() => Fault.Forbidden("Cannot set locations to empty list.");
    public static Fault LocationsWhile(string verb, string status) => Fault.Conflict($"It's not allowed to {verb} locations if image status is {status}.");
    public static Fault LastLocation() => Fault.Forbidden("Cannot remove last location in the image.");
    public static Fault LocationPosition(string verb) => Fault.Invalid($"Invalid position for {verb} a location.");
    public static Fault LocationTaken(string url) => Fault.Invalid($"The location {url} already exists");
    public static Fault LocationsThere() => Fault.Invalid("Original locations is not empty: they may only be ordered and described anew; add and remove others one by one.");
    public static Fault BadLocation(string why) => Fault.Invalid($"Invalid location: {why}");
    public static Fault LocationOfServices() => Fault.Forbidden("http store must be enabled to use location API by normal user.");
    public static Fault OtherDigest(string said, string real) => Fault.Conflict($"os_hash_value: ({said}) not matched with actual os_hash_value: ({real})");
    public static Fault Digests(string why) => Fault.Conflict(why);
    public static Fault TooMany(string what, int attempted, int maximum) => new(FaultKind.TooLarge, "LimitExceeded",
        $"The limit has been exceeded on the number of allowed image {what}. Attempted: {attempted}, Maximum: {maximum}");
    public static Fault ChangedMeanwhile(Guid id) => Fault.Conflict($"Image {id} was changed by another request at the same time; try again.");

    // Data.
    public static Fault BadType(string? type) => new(FaultKind.UnsupportedMediaType, "HTTPUnsupportedMediaType", $"Invalid content type {type ?? "None"}");
    public static Fault Transition(string from, string to) => Fault.Conflict($"Image status transition from {from} to {to} is not allowed");
    public static Fault MissingFormats(IReadOnlyList<string> names) =>
        Fault.Invalid(names.Count == 1 ? $"Property {names[0]} must be set prior to saving data." : $"Properties {string.Join(", ", names)} must be set prior to saving data.");
    public static Fault GoneMeanwhile(Guid id) => new(FaultKind.Gone, "HTTPGone",
        $"Image {id} could not be found after upload. The image may have been deleted during the upload, cleaning up the chunks uploaded.");
    public static Fault StoreFull() => new(FaultKind.TooLarge, "StorageFull", "Image storage media is full: There is not enough disk space on the image storage media.");
    public static Fault TooLarge() => new(FaultKind.TooLarge, "ImageSizeLimitExceeded", "The incoming image is too large: The provided image is too large.");
    public static Fault OverLimit(string project, string resource, long limit, long used, long more) => new(FaultKind.TooLarge, "LimitExceeded",
        "The request returned a 413 Request Entity Too Large. This generally means that rate limiting or a quota threshold was breached.\n\nThe response body:\n"
        + $"Project {project} is over a limit for [Resource {resource} is over limit of {limit} due to current usage {used} and delta {more}]");
    public static Fault QuotaFull(long used, long limit) => new(FaultKind.TooLarge, "StorageQuotaFull",
        $"Image exceeds the storage quota: {used} of {limit} bytes are in use.");
    public static Fault WrongFormat(string claimed, string real) => Fault.Invalid($"The image claims the disk format {claimed}, but its data is {real}.");
    public static Fault WrongContainer(string claimed, string real) => Fault.Invalid($"The image claims the container format {claimed}, but its data is {real}.");
    public static Fault Dangerous(string why) => Fault.Invalid($"The image data is refused: {why}");
    public static Fault ShortBody() => Fault.Invalid("The request ended before all of the image data was received.");
    public static Fault Deactivated() => Fault.Forbidden("The requested image has been deactivated. Image data download is forbidden.");
    public static Fault NotWhile(string verb, string status) => Fault.Forbidden($"Not allowed to {verb} image in status '{status}'");
    public static Fault ManyRanges() => Fault.Invalid("Requests with multiple ranges are not supported in Glance. You may make multiple single-range requests instead.");
    public static Fault BadRange(string message) => new(FaultKind.RangeNotSatisfiable, "HTTPRequestRangeNotSatisfiable", message);
    public static Fault UnknownStore(string store) => Fault.Invalid($"Store for identifier {store} not found");
    public static Fault StoreNotHere(string store) => Fault.Conflict($"The selected store {store} is not available on this node.");
    public static Fault OnlyStore() => Fault.Forbidden("Cannot delete image data from the only store containing it. Consider deleting the image instead.");
    public static Fault NotActiveInStore() => Fault.Conflict("It's not allowed to remove image data from store if image status is not 'active'");
    public static Fault NotInStore(Guid id, string store) => Fault.NotFound($"Image {id} is not stored in store {store}.");
    public static Fault StoreImage(string id) => Fault.NotFound($"Failed to find image {id}");

    // Members.
    public static Fault NoMember(string member, Guid image) => Fault.NotFound($"{member} not found in the member list of the image {image}.");
    public static Fault MemberTaken(string member, Guid image) => Fault.Conflict($"Member {member} is duplicated for image {image}");
    public static Fault OnlySharedHave(string verb, Guid image) => Fault.Forbidden(verb == "list"
        ? $"Not allowed to list members for image {image}: Only shared images have members."
        : $"Not allowed to {verb} members for image {image}.");
    public static Fault SharedOnly() => Fault.NotFound("Only shared images have members.");
    public static Fault TooManyMembers(Guid image, int attempted, int maximum) => new(FaultKind.TooLarge, "ImageMemberLimitExceeded",
        $"Image member limit exceeded for image {image}: The limit has been exceeded on the number of allowed image members for this image. Attempted: {attempted}, Maximum: {maximum}:");
    public static Fault BadMemberStatus(string status) =>
        Fault.Invalid($"Incorrect request: Status must be \"pending\", \"accepted\" or \"rejected\". {status} is none of them.");

    // Import.
    public static Fault Import(string why) => Fault.Conflict(why);
    public static Fault BadImport(string why) => Fault.Invalid(why);
    public static Fault ImportRuns() => Fault.Conflict("Image has active task");
    public static Fault ImportRuns(Guid id) => Fault.Conflict($"New operation on image '{id}' is not permitted as prior operation is still in progress");
    public static Fault TasksStay() => new(FaultKind.MethodNotAllowed, "HTTPMethodNotAllowed",
        "This operation is currently not permitted on Glance Tasks. They are auto deleted after reaching the time based on their expires_at property.");
    public static Fault NoTask(string id) => Fault.NotFound($"Task with the given id {id} was not found");

    public static Fault Invalid(string why) => Fault.Invalid(why);
}
