using System.Xml;
using System.Xml.Linq;

namespace Nephos.Image.Ova;

/// <summary>XML of strangers: no document types, no entities of their own, nothing fetched, bounded in size and depth. Names count without their namespaces, which differ between versions.</summary>
internal static class OvfXml
{
    public const int Most = 1 << 20;
    private const int Deepest = 32;

    private static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = Most, MaxCharactersFromEntities = 0, IgnoreComments = true, IgnoreProcessingInstructions = true,
    };

    public static XElement Parse(byte[] bytes)
    {
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(bytes), Settings);
            var document = new XDocument();
            using (var writer = document.CreateWriter())
                while (reader.Read())
                    // Before it is kept: what is very deep takes very long to put together.
                    if (reader.Depth > Deepest) throw OvaErrors.Refused("its descriptor is nested too deeply");
                    else Copy(reader, writer);
            return document.Root!;
        }
        catch (XmlException e) { throw OvaErrors.Refused($"its descriptor is not the XML of one: {e.Message.TrimEnd('.')}"); }
    }

    private static void Copy(XmlReader reader, XmlWriter writer)
    {
        switch (reader.NodeType)
        {
            case XmlNodeType.Element:
                var isEmpty = reader.IsEmptyElement;
                writer.WriteStartElement(reader.Prefix, reader.LocalName, reader.NamespaceURI);
                writer.WriteAttributes(reader, defattr: false);
                if (isEmpty) writer.WriteEndElement();
                break;
            case XmlNodeType.EndElement:
                writer.WriteEndElement();
                break;
            case XmlNodeType.Text or XmlNodeType.CDATA:
                writer.WriteString(reader.Value);
                break;
        }
    }

    public static IEnumerable<XElement> All(this XElement element, string name) => element.Elements().Where(e => e.Name.LocalName == name);

    public static IEnumerable<XElement> Below(this XElement element, string name) => element.Descendants().Where(e => e.Name.LocalName == name);

    public static string? Child(this XElement element, string name) => element.All(name).FirstOrDefault()?.Value.Trim();

    public static string? Named(this XElement element, string name) => element.Attributes().FirstOrDefault(a => a.Name.LocalName == name && !a.IsNamespaceDeclaration)?.Value;
}
