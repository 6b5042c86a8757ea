using System.Globalization;
using Nephos.Doctor;

namespace Nephos.Tls;

/// <summary>What clients will hold against a certificate. None of it keeps a cloud from starting: its servers must go on, and some clients may know better.</summary>
static class CertificateChecks
{
    const string Name = "certificate";

    public static IReadOnlyList<Finding> Of(ServerCertificate certificate, NephosOptions options, DateTimeOffset now)
    {
        var findings = new List<Finding> { Validity(certificate, now) };
        var url = new Uri(options.LocalUrl);
        // Behind a public URL somebody else may answer, with a certificate of its own.
        if (options.PublicUrl is null && !certificate.Covers(url.IdnHost))
            findings.Add(Finding.Note(Name, $"it does not name {url.IdnHost}, so clients refuse {url.GetLeftPart(UriPartial.Authority)}", $"--public-url https://NAME:{url.Port}, with a name that the certificate has"));
        if (!certificate.KnownHere() && certificate.Authority() is null)
            findings.Add(Finding.Note(Name, "this system does not know who signed it, so clients here refuse it", "Append the authority's own certificate to the file, or add it to the system (/usr/local/share/ca-certificates, update-ca-certificates)."));
        if (options.TlsKey is { } key && (File.GetUnixFileMode(key) & UnixFileMode.OtherRead) != 0)
            findings.Add(Finding.Bad(Name, $"every user of this host can read its key {key}", $"chmod 600 {key}"));
        return findings;
    }

    static Finding Validity(ServerCertificate certificate, DateTimeOffset now)
    {
        var leaf = certificate.All()[0];
        var (from, to) = (new DateTimeOffset(leaf.NotBefore), new DateTimeOffset(leaf.NotAfter));
        if (now > to) return Finding.Bad(Name, $"it ended on {Day(to)}: clients refuse it", "Renew it, then `nephos down` and `nephos up`; servers keep running.");
        if (now < from) return Finding.Bad(Name, $"it is valid only from {Day(from)}: clients refuse it", "Is this host's clock right?");
        return to - now < TimeSpan.FromDays(14)
            ? Finding.Note(Name, $"it ends on {Day(to)}", "Renew it, then `nephos down` and `nephos up`; servers keep running.")
            : Finding.Good(Name, $"valid to {Day(to)}");
    }

    static string Day(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
