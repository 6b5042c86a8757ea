namespace Nephos.Image.Images;

/// <summary>How many things an image may have; a negative number is no limit.</summary>
public sealed record CountOptions
{
    /// <summary>Custom properties.</summary>
    public int Properties { get; init; } = 128;

    /// <summary>Tags.</summary>
    public int Tags { get; init; } = 128;

    /// <summary>Projects it is shared with.</summary>
    public int Members { get; init; } = 128;

    /// <summary>Places where its data is.</summary>
    public int Locations { get; init; } = 10;

    /// <summary>Refuses more locations.</summary>
    internal void CheckLocations(int locations)
    {
        if (Locations >= 0 && locations > Locations) throw Errors.TooMany("locations", locations, Locations);
    }

    /// <summary>Refuses more.</summary>
    internal void Check(int properties, int tags)
    {
        if (Properties >= 0 && properties > Properties) throw Errors.TooMany("properties", properties, Properties);
        if (Tags >= 0 && tags > Tags) throw Errors.TooMany("tags", tags, Tags);
    }
}
