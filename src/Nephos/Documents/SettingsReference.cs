using System.Text;
using Nephos.Cloud;

namespace Nephos.Documents;

/// <summary>What operators may decide in the files of <c>/etc/nephos</c>.</summary>
static class SettingsReference
{
    public static string Text()
    {
        var text = new StringBuilder("""
            # Settings

            Made from the program by `./nephos docs`. A service reads `/etc/nephos/SERVICE.conf` at its start (`up --config DIR` for another folder): `[group]` and
            `name = value`, under the names that upstream has for the same thing. A name that is not here is refused.

            """);
        foreach (var (service, settings) in OperatorSettings.All)
        {
            text.Append($"\n## {service}.conf\n\n| group | name | default | decides |\n| --- | --- | --- | --- |\n");
            foreach (var setting in settings) text.Append($"| {setting.Group} | {setting.Name} | {setting.Default} | {setting.Description} |\n");
        }
        return text.ToString();
    }
}
