namespace Nephos.Doctor;

/// <summary>How bad.</summary>
enum Verdict
{
    Good,
    /// <summary>Works, but less well than it could.</summary>
    Note,
    /// <summary>Something will not work.</summary>
    Bad,
}

/// <summary>What one check found, why it matters, and how to mend it.</summary>
sealed record Finding(Verdict Verdict, string What, string Text, string? Mend = null)
{
    public static Finding Good(string what, string text) => new(Verdict.Good, what, text);
    public static Finding Note(string what, string text, string? mend = null) => new(Verdict.Note, what, text, mend);
    public static Finding Bad(string what, string text, string? mend = null) => new(Verdict.Bad, what, text, mend);
}
