using System.Text.Json;
using MinRnn.Ilgpu.Devices;

namespace MinRnn.Bench.Device;

/// <summary>What a report tells of a device.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Processors">Its multiprocessors.</param>
/// <param name="Lanes">Threads that it holds.</param>
/// <param name="MaxGroupSize">Threads of a group, at most.</param>
/// <param name="CudaVersion">The CUDA version that its driver supports, 12040 for 12.4.</param>
/// <param name="Machine">The machine's processor and system.</param>
/// <param name="Date">The day of the run.</param>
internal sealed record DeviceFacts(string Name, int Processors, int Lanes, int MaxGroupSize, int CudaVersion, string Machine, string Date)
{
    private const string FileName = "device.json";

    /// <summary>The name without the device's number.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Model => Name.Split(" (")[0];

    [System.Text.Json.Serialization.JsonIgnore]
    public DeviceTraits Traits => new(Name, Processors, Lanes, MaxGroupSize, HasChaining: true);

    public static DeviceFacts Of(BenchDevice device)
    {
        var traits = device.Cuda.Traits;
        device.Check(device.Cuda.Driver.DriverGetVersion(out var version), "cuDriverGetVersion");
        return new DeviceFacts(
            device.Name,
            traits.Processors,
            traits.Lanes,
            traits.MaxGroupSize,
            version,
            $"{Environment.ProcessorCount} processors, {System.Runtime.InteropServices.RuntimeInformation.OSDescription}",
            $"{DateTime.UtcNow:yyyy-MM-dd}");
    }

    public void Save(string folder) => File.WriteAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this));

    /// <exception cref="IOException">There was no run.</exception>
    public static DeviceFacts Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        return File.Exists(path)
            ? JsonSerializer.Deserialize<DeviceFacts>(File.ReadAllText(path))!
            : throw new IOException($"There are no results in {folder}: 'check', 'time' and 'all' make them.");
    }
}
