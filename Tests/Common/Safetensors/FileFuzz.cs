using MinRnn.Safetensors;

namespace MinRnn.Tests.Common;

/// <summary>What reading hostile files came to.</summary>
/// <param name="Refused">Files that were refused with the exception that says so.</param>
/// <param name="Read">Files that were valid all the same, and read to the last element.</param>
/// <param name="MostAllocated">The most bytes that reading one file allocated for each of its bytes, beyond a small constant.</param>
internal sealed record FileFuzz(int Refused, int Read, double MostAllocated)
{
    /// <summary>Bytes that a file may cost whatever its size: an exception with its text and stack.</summary>
    private const long Constant = 8 * 1024;

    /// <summary>Reads so many hostile files.</summary>
    /// <exception cref="InvalidOperationException">A file was neither refused nor valid.</exception>
    public static FileFuzz Run(int files, int seed)
    {
        var hostile = new HostileFiles(seed);
        var (refused, read, most) = (0, 0, 0.0);
        for (var number = 0; number < files; number++)
        {
            var content = hostile.Next();
            try
            {
                var (isValid, allocated) = Measure(content);

                // What the runtime allocates for itself, at some moment or other, is not there the second time.
                if (allocated > most * content.Length)
                    allocated = long.Min(allocated, Measure(content).Allocated);
                if (isValid)
                    read++;
                else
                    refused++;
                most = double.Max(most, (double)allocated / content.Length);
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"File {number} of seed {seed}: {Convert.ToBase64String(content)}", error);
            }
        }

        return new FileFuzz(refused, read, most);
    }

    private static (bool IsValid, long Allocated) Measure(byte[] content)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var isValid = Check(content);
        return (isValid, GC.GetAllocatedBytesForCurrentThread() - before - Constant);
    }

    private static bool Check(byte[] content)
    {
        SafetensorsFile file;
        try
        {
            file = SafetensorsFile.Parse(content);
        }
        catch (SafetensorsException)
        {
            return false;
        }

        using (file)
        {
            // Every byte of the data belongs to one tensor.
            var end = file.Tensors.Count == 0 ? content.Length : file.Tensors[0].Offset;
            Span<float> values = stackalloc float[16];
            foreach (var tensor in file.Tensors)
            {
                if (tensor.Offset != end)
                    throw new InvalidDataException($"{tensor} does not begin at {end}.");
                end += tensor.Length;
                for (long first = 0; tensor.Element is not null && first < tensor.Count; first += values.Length)
                    file.Read(tensor, first, values[..(int)long.Min(values.Length, tensor.Count - first)]);
            }

            return end == content.Length ? true : throw new InvalidDataException($"The tensors end at {end} of {content.Length} bytes.");
        }
    }
}
