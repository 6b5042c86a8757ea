using Nephos.Kernel.Data;

namespace Nephos.Image;

/// <summary>Image's part of the database.</summary>
internal sealed class ImageDb(Database database) : Db(database, "image");
