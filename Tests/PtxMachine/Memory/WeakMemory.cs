using MinRnn.Tests.PtxMachine.Scheduling;

namespace MinRnn.Tests.PtxMachine.Memory;

/// <summary>
/// Global memory as groups may see it that do not synchronise: a plain store is seen by its own group at once and by others at
/// any time later, in any order; a plain load sees any value that the word has had since the group last acquired.
/// </summary>
internal sealed unsafe class WeakMemory(RandomSource random)
{
    private const int Versions = 8;
    private const int Capacity = 4096;

    private readonly List<StoreBuffer> buffers = [];
    private readonly Dictionary<ulong, List<Version>> history = [];
    private long time;

    public StoreBuffer Open(int group)
    {
        var opened = new StoreBuffer(group);
        buffers.Add(opened);
        return opened;
    }

    /// <summary>The group has ended; its stores may still be on their way.</summary>
    public static void Close(StoreBuffer buffer) => buffer.IsClosed = true;

    public void Load(StoreBuffer buffer, ulong address, int elementBytes, int count, Order order, byte* result)
    {
        for (var i = 0; i < count; i++)
            Load(buffer, address + (ulong)(i * elementBytes), elementBytes, order, result + (i * elementBytes));
        if (order == Order.Acquire)
            buffer.AcquiredAt = time;
    }

    public void Store(StoreBuffer buffer, ulong address, int elementBytes, int count, Order order, byte* values)
    {
        if (order == Order.Release)
            Flush(buffer);
        for (var i = 0; i < count; i++)
        {
            var place = address + (ulong)(i * elementBytes);
            if (order != Order.Weak)
                Write(buffer, place, elementBytes, values + (i * elementBytes));
            else
                Put(buffer, place, elementBytes, values + (i * elementBytes));
        }

        while (buffer.Count > Capacity)
            Drain(buffer, buffer.At(random.Below(buffer.Count)).Word);
    }

    /// <summary>Before an atomic operation, which happens at memory itself.</summary>
    public void BeginAtomic(StoreBuffer buffer, ulong address, int bytes, Order order)
    {
        if (order is Order.Release or Order.AcquireRelease)
            Flush(buffer);
        for (var word = address & ~3UL; word < address + (ulong)bytes; word += 4)
            Drain(buffer, word);
    }

    public void EndAtomic(StoreBuffer buffer, Order order)
    {
        if (order is Order.Acquire or Order.AcquireRelease)
            buffer.AcquiredAt = time;
    }

    /// <summary>Writes at memory itself.</summary>
    public void Write(StoreBuffer buffer, ulong address, int bytes, byte* value)
    {
        time++;
        for (var word = address & ~3UL; word < address + (ulong)bytes; word += 4)
        {
            Drain(buffer, word, isNewMoment: false);
            Slice(word, address, bytes, value, out var bits, out var mask);
            Commit(word, bits, mask, buffer.Group);
        }
    }

    /// <summary>A fence, or a part of one: false where some stores are still on their way.</summary>
    public bool TryFence(StoreBuffer buffer)
    {
        if (buffer.Count > 1 && random.Below(4) != 0)
        {
            Drain(buffer, buffer.At(random.Below(buffer.Count)).Word);
            return false;
        }

        Flush(buffer);
        buffer.AcquiredAt = time;
        return true;
    }

    public void FlushAll()
    {
        foreach (var buffer in buffers)
            Flush(buffer);
        buffers.Clear();
    }

    /// <summary>Lets some stores of some group become visible.</summary>
    public void Drain()
    {
        if (buffers.Count == 0 || random.Below(4) != 0)
            return;
        var buffer = buffers[random.Below(buffers.Count)];
        for (var words = 1 + random.Below(4); words > 0 && buffer.Count > 0; words--)
            Drain(buffer, buffer.At(random.Below(buffer.Count)).Word);
        if (buffer.IsClosed && buffer.Count == 0)
            buffers.Remove(buffer);
    }

    /// <summary>The bytes of a value that lie in a word.</summary>
    private static void Slice(ulong word, ulong address, int bytes, byte* value, out uint bits, out uint mask)
    {
        (bits, mask) = (0, 0);
        for (var i = 0; i < 4; i++)
        {
            var place = (long)(word + (ulong)i) - (long)address;
            if (place < 0 || place >= bytes)
                continue;
            bits |= (uint)value[place] << (8 * i);
            mask |= 255u << (8 * i);
        }
    }

    private static void Put(StoreBuffer buffer, ulong address, int bytes, byte* value)
    {
        for (var word = address & ~3UL; word < address + (ulong)bytes; word += 4)
        {
            Slice(word, address, bytes, value, out var bits, out var mask);
            buffer.Put(word, bits, mask, bytes == 8);
        }
    }

    private void Load(StoreBuffer buffer, ulong address, int bytes, Order order, byte* result)
    {
        var moment = order switch
        {
            Order.Weak => Moment(buffer.AcquiredAt, address, bytes),
            Order.Constant => Moment(0, address, bytes),
            _ => time,
        };
        for (var word = address & ~3UL; word < address + (ulong)bytes; word += 4)
        {
            var value = buffer.Over(word, At(word, moment, buffer.Group));
            for (var i = 0; i < 4; i++)
            {
                var place = (long)(word + (ulong)i) - (long)address;
                if (place >= 0 && place < bytes)
                    result[place] = (byte)(value >> (8 * i));
            }
        }
    }

    /// <summary>The time that a load sees memory at: now, or before one of the writes since a time.</summary>
    private long Moment(long since, ulong address, int bytes)
    {
        var moment = time;
        var seen = 1;
        for (var word = address & ~3UL; word < address + (ulong)bytes; word += 4)
        {
            if (!history.TryGetValue(word, out var versions))
                continue;
            foreach (var version in versions)
            {
                if (version.Time > since && random.Below(++seen) == 0)
                    moment = version.Time - 1;
            }
        }

        return moment;
    }

    /// <summary>A word at a time; a group always sees its own writes.</summary>
    private uint At(ulong word, long moment, int group)
    {
        if (history.TryGetValue(word, out var versions))
        {
            var own = versions.FindLastIndex(version => version.Group == group);
            for (var i = own + 1; i < versions.Count; i++)
            {
                if (versions[i].Time > moment)
                    return versions[i].Before;
            }
        }

        return *(uint*)word;
    }

    private void Flush(StoreBuffer buffer)
    {
        while (buffer.Count > 0)
            Drain(buffer, buffer.At(buffer.Count - 1).Word);
    }

    private void Drain(StoreBuffer buffer, ulong word, bool isNewMoment = true)
    {
        if (!buffer.TryRemove(word, out var pending))
            return;
        if (isNewMoment)
            time++;
        Commit(pending.Word, pending.Value, pending.Mask, buffer.Group);
        if (pending.IsPaired && buffer.TryRemove(word ^ 4, out var other))
            Commit(other.Word, other.Value, other.Mask, buffer.Group);
    }

    private void Commit(ulong word, uint value, uint mask, int group)
    {
        if (!history.TryGetValue(word, out var versions))
            history.Add(word, versions = []);
        if (versions.Count == Versions)
            versions.RemoveAt(0);
        versions.Add(new Version(time, *(uint*)word, group));
        for (var i = 0; i < 4; i++)
        {
            if ((mask >> (8 * i) & 255) != 0)
                *(byte*)(word + (ulong)i) = (byte)(value >> (8 * i));
        }
    }

    /// <summary>A write, and what the word held before it.</summary>
    private readonly record struct Version(long Time, uint Before, int Group);
}
