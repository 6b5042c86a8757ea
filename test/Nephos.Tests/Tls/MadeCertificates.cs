using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Nephos.Tests.Tls;

/// <summary>A root, an authority below it, and a server's certificate signed by that, as an operator would have them in files.</summary>
sealed class MadeCertificates : IDisposable
{
    static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;
    readonly TempFolder temp = new();

    public MadeCertificates(int days = 100, bool withRoot = false)
    {
        using ECDsa rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256), middleKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var leafKey = RSA.Create(2048);
        Root = Authority("CN=Root", rootKey).CreateSelfSigned(Now.AddDays(-400), Now.AddDays(400));
        using var bare = Authority("CN=Middle", middleKey).Create(Root, Now.AddDays(-300), Now.AddDays(300), [1]);
        using var middle = bare.CopyWithPrivateKey(middleKey);
        var request = new CertificateRequest("CN=cloud.example", leafKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("cloud.example");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var leaf = request.Create(middle.SubjectName, X509SignatureGenerator.CreateForECDsa(middleKey), Now.AddDays(Math.Min(days, 0) - 200), Now.AddDays(days), [2]);
        File.WriteAllText(Certificate, leaf.ExportCertificatePem() + "\n" + middle.ExportCertificatePem() + "\n" + (withRoot ? Root.ExportCertificatePem() + "\n" : ""));
        File.WriteAllText(Key, leafKey.ExportPkcs8PrivateKeyPem());
        File.SetUnixFileMode(Key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    public X509Certificate2 Root { get; }
    public string Certificate => temp["cert.pem"];
    public string Key => temp["key.pem"];

    /// <summary>Another file in the same folder.</summary>
    public string Beside(string name, string text)
    {
        File.WriteAllText(temp[name], text);
        return temp[name];
    }

    public void Dispose()
    {
        Root.Dispose();
        temp.Dispose();
    }

    static CertificateRequest Authority(string name, ECDsa key)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request;
    }
}
