using System.Buffers.Binary;
using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;

namespace Nephos.Image.Tests.Ova;

/// <summary>Packages as other products write them, to be spoilt by tests.</summary>
internal static class Packages
{
    public const long DiskSize = 3L << 30;

    /// <summary>The descriptor of a machine with 1.5 GiB of memory, as vSphere writes it.</summary>
    public const string Descriptor = """
        <?xml version="1.0" encoding="UTF-8"?>
        <Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:vmw="http://www.vmware.com/schema/ovf"
            xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData">
          <References><File ovf:href="vm-disk1.vmdk" ovf:id="file1" ovf:size="12"/></References>
          <DiskSection><Info>Disks</Info><Disk ovf:capacity="3" ovf:capacityAllocationUnits="byte * 2^30" ovf:diskId="vmdisk1" ovf:fileRef="file1" ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/></DiskSection>
          <NetworkSection><Network ovf:name="VM Network"/></NetworkSection>
          <VirtualSystem ovf:id="vm">
            <OperatingSystemSection ovf:id="94" vmw:osType="ubuntu64Guest"><Info/><Description>Ubuntu Linux (64-bit)</Description></OperatingSystemSection>
            <VirtualHardwareSection>
              <Item><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>2</rasd:VirtualQuantity></Item>
              <Item><rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits><rasd:InstanceID>2</rasd:InstanceID><rasd:ResourceType>4</rasd:ResourceType><rasd:VirtualQuantity>1536</rasd:VirtualQuantity></Item>
              <Item><rasd:InstanceID>3</rasd:InstanceID><rasd:ResourceSubType>lsilogicsas</rasd:ResourceSubType><rasd:ResourceType>6</rasd:ResourceType></Item>
              <Item><rasd:HostResource>ovf:/disk/vmdisk1</rasd:HostResource><rasd:InstanceID>4</rasd:InstanceID><rasd:Parent>3</rasd:Parent><rasd:ResourceType>17</rasd:ResourceType></Item>
              <Item><rasd:InstanceID>5</rasd:InstanceID><rasd:ResourceSubType>E1000</rasd:ResourceSubType><rasd:ResourceType>10</rasd:ResourceType></Item>
              <vmw:Config ovf:required="false" vmw:key="firmware" vmw:value="efi"/>
            </VirtualHardwareSection>
          </VirtualSystem>
        </Envelope>
        """;

    /// <summary>The first sectors of a sparse disk: all that is looked at.</summary>
    public static byte[] Vmdk(string type = "streamOptimized")
    {
        var bytes = new byte[128 << 10];
        var sectors = DiskSize / 512;
        "KDMV"u8.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), 1);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(12), sectors);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(28), 1);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(36), 20);
        Encoding.ASCII.GetBytes($"# Disk DescriptorFile\nversion=1\nCID=12345678\nparentCID=ffffffff\ncreateType=\"{type}\"\nRW {sectors} SPARSE \"vm-disk1.vmdk\"\n").CopyTo(bytes, 512);
        for (var i = 64 << 10; i < bytes.Length; i++) bytes[i] = (byte)(i * 7);
        return bytes;
    }

    /// <summary>A descriptor, its disk and a manifest that is right.</summary>
    public static List<(string Name, byte[] Bytes)> Files(string? descriptor = null, byte[]? disk = null, string algorithm = "SHA256")
    {
        var files = new List<(string Name, byte[] Bytes)> { ("vm.ovf", Encoding.UTF8.GetBytes(descriptor ?? Descriptor)), ("vm-disk1.vmdk", disk ?? Vmdk()) };
        files.Insert(1, ("vm.mf", Manifest(files, algorithm)));
        return files;
    }

    public static byte[] Manifest(IEnumerable<(string Name, byte[] Bytes)> files, string algorithm = "SHA256") => Encoding.ASCII.GetBytes(string.Concat(files.Select(f =>
        $"{algorithm}({f.Name})= {Convert.ToHexStringLower(CryptographicOperations.HashData(new HashAlgorithmName(algorithm), f.Bytes))}\n")));

    public static byte[] Tar(IEnumerable<(string Name, byte[] Bytes)> files, TarEntryFormat format = TarEntryFormat.Ustar)
    {
        var memory = new MemoryStream();
        using (var tar = new TarWriter(memory, format, leaveOpen: true))
            foreach (var (name, bytes) in files)
            {
                TarEntry entry = format switch { TarEntryFormat.Pax => new PaxTarEntry(TarEntryType.RegularFile, name), TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, name), _ => new UstarTarEntry(TarEntryType.RegularFile, name) };
                entry.DataStream = new MemoryStream(bytes);
                tar.WriteEntry(entry);
            }
        return memory.ToArray();
    }
}
