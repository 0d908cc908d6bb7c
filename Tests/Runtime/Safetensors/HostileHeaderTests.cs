using System.Buffers.Binary;
using System.Text;
using MinRnn.Safetensors;
using MinRnn.Tests.Common;

namespace MinRnn.Tests.Runtime.Safetensors;

/// <summary>Files that are damaged or mean ill are refused, and the message says why.</summary>
public class HostileHeaderTests
{
    private const string One = "\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]";

    [Theory]
    [InlineData("", 0, "0 bytes are too few")]
    [InlineData("1234567", 0, "7 bytes are too few")]
    public void Files_without_a_header(string content, int data, string reason) =>
        Assert.Contains(reason, Refused([.. Encoding.UTF8.GetBytes(content), .. new byte[data]]));

    [Theory]
    [InlineData(ulong.MaxValue, "18446744073709551615 bytes, at most 100000000")]
    [InlineData(100_000_001UL, "100000001 bytes, at most 100000000")]
    [InlineData(3UL, "3 bytes, and only 2 follow")]
    public void Lengths_that_cannot_be_true(ulong length, string reason)
    {
        var file = new byte[10];
        BinaryPrimitives.WriteUInt64LittleEndian(file, length);
        Assert.Contains(reason, Refused(file));
    }

    [Theory]
    [InlineData("", 0, "does not begin with '{'")]
    [InlineData(" {}", 0, "does not begin with '{'")]
    [InlineData("[]", 0, "does not begin with '{'")]
    [InlineData("{", 0, "not valid JSON")]
    [InlineData("{} x", 0, "not valid JSON")]
    [InlineData("{}{}", 0, "not valid JSON")]
    [InlineData("{/**/}", 0, "not valid JSON")]
    [InlineData("{\"a\":{" + One + "},}", 4, "not valid JSON")]
    [InlineData("{\"a\":{\"shape\":[[[[[[]]]]]]}}", 0, "not valid JSON")]
    [InlineData("{\"a\":{\"shape\":[[]]}}", 0, "not valid JSON")]
    [InlineData("{\"a\":{\"b\":{\"c\":{\"d\":{}}}}}", 0, "the field 'b'")]
    [InlineData("{\"\\ud800\":{" + One + "}}", 4, "no text")]
    [InlineData("{\"a\":{" + One + "},\"a\":{" + One + "}}", 4, "'a' stands twice")]
    [InlineData("{\"a\":{" + One + "},\"\\u0061\":{" + One + "}}", 4, "'a' stands twice")]
    [InlineData("{\"__metadata__\":{},\"__metadata__\":{}}", 0, "'__metadata__' stands twice")]
    [InlineData("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0, "key 'k' twice")]
    [InlineData("{\"__metadata__\":{\"k\":1}}", 0, "'k' is not a string")]
    [InlineData("{\"__metadata__\":[]}", 0, "not an object of strings")]
    [InlineData("{\"a\":1}", 0, "'a' is not an object")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}", 0, "'a' has dtype twice")]
    [InlineData("{\"a\":{" + One + ",\"more\":1}}", 4, "the field 'more'")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "'a' lacks")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", 4, "'a' lacks")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,8]}}", 4, "more than 2 values")]
    [InlineData("{\"a\":{\"dtype\":\"F33\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "dtype 'F33'")]
    [InlineData("{\"a\":{\"dtype\":32,\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "dtype of 'a' is not a string")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4, "no 64-bit integer from 0")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1.0],\"data_offsets\":[0,4]}}", 4, "no 64-bit integer from 0")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1e0],\"data_offsets\":[0,4]}}", 4, "no 64-bit integer from 0")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[9223372036854775808],\"data_offsets\":[0,4]}}", 4, "no 64-bit integer from 0")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,4]}}", 4, "more bytes than 64 bits")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296,0],\"data_offsets\":[0,0]}}", 0, "more bytes than 64 bits")]
    [InlineData("{\"a\":{\"dtype\":\"F64\",\"shape\":[1152921504606846976],\"data_offsets\":[0,4]}}", 4, "more bytes than 64 bits")]
    [InlineData("{\"a\":{\"dtype\":\"F4\",\"shape\":[3],\"data_offsets\":[0,1]}}", 1, "whole bytes")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4, "has 4 bytes, wanted 8")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", 4, "from byte 4 to 0")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[1,5]}}", 4, "to 5 of 4")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[9223372036854775804,9223372036854775807]}}", 4, "of 4")]
    [InlineData("{\"a\":{" + One + "},\"b\":{" + One + "}}", 4, "overlaps")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8, "4 bytes before 'a'")]
    [InlineData("{\"a\":{" + One + "}}", 5, "1 bytes at the end")]
    [InlineData("{}", 1, "1 bytes at the end")]
    public void Headers(string header, int data, string reason) => Assert.Contains(reason, Refused(File(Encoding.UTF8.GetBytes(header), data)));

    [Fact]
    public void Bytes_that_are_no_UTF_8() => Assert.Contains("not valid UTF-8", Refused(File([(byte)'{', (byte)'"', 0xff, (byte)'"', (byte)'}'], 0)));

    [Fact]
    public void Shapes_without_end()
    {
        var shape = string.Join(",", Enumerable.Repeat("1", 1000));
        Assert.Contains("more than 64 values", Refused(File(Encoding.UTF8.GetBytes($"{{\"a\":{{\"shape\":[{shape}]}}}}"), 0)));
    }

    [Fact]
    public void Long_names_and_line_breaks_do_not_reach_the_message()
    {
        var name = "x\\u0007" + new string('y', 5000);
        var message = Refused(File(Encoding.UTF8.GetBytes($"{{\"{name}\":1}}"), 0));
        Assert.True(message.Length < 300);
        Assert.DoesNotContain('\u0007', message);
    }

    /// <summary>Bench has a command that reads many more.</summary>
    [Fact]
    public void Hostile_files_are_read_or_refused()
    {
        var result = FileFuzz.Run(files: 20_000, seed: 1);
        Assert.Equal(20_000, result.Refused + result.Read);
        Assert.True(result.Read > 100, $"{result}");
        Assert.True(result.Refused > 10_000, $"{result}");
        Assert.True(result.MostAllocated < 100, $"{result}");
    }

    private static byte[] File(byte[] header, int data)
    {
        var file = new byte[sizeof(ulong) + header.Length + data];
        BinaryPrimitives.WriteUInt64LittleEndian(file, (ulong)header.Length);
        header.CopyTo(file, sizeof(ulong));
        return file;
    }

    private static string Refused(byte[] content)
    {
        var message = Assert.Throws<SafetensorsException>(() => SafetensorsFile.Parse(content, "hostile")).Message;
        Assert.StartsWith("hostile: ", message);
        return message;
    }
}
