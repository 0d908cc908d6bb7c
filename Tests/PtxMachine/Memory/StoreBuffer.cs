namespace MinRnn.Tests.PtxMachine.Memory;

/// <summary>Stores of a group that other groups do not see yet, by words of four bytes.</summary>
internal sealed class StoreBuffer(int group)
{
    private readonly List<PendingWord> pending = [];
    private readonly Dictionary<ulong, int> places = [];

    public int Group { get; } = group;

    /// <summary>Writes up to this time are seen by every load of the group.</summary>
    public long AcquiredAt { get; set; }

    public bool IsClosed { get; set; }

    public int Count => pending.Count;

    public void Put(ulong word, uint value, uint mask, bool isPaired)
    {
        if (places.TryGetValue(word, out var place))
        {
            var old = pending[place];
            pending[place] = new PendingWord(word, (old.Value & ~mask) | (value & mask), old.Mask | mask, isPaired || old.IsPaired);
        }
        else
        {
            places.Add(word, pending.Count);
            pending.Add(new PendingWord(word, value & mask, mask, isPaired));
        }
    }

    /// <summary>The value of a word as the group itself sees it.</summary>
    public uint Over(ulong word, uint value) => places.TryGetValue(word, out var place)
        ? (value & ~pending[place].Mask) | pending[place].Value
        : value;

    public PendingWord At(int place) => pending[place];

    public bool TryRemove(ulong word, out PendingWord removed)
    {
        if (!places.Remove(word, out var place))
        {
            removed = default;
            return false;
        }

        removed = pending[place];
        var end = pending[^1];
        pending.RemoveAt(pending.Count - 1);
        if (end.Word != word)
        {
            pending[place] = end;
            places[end.Word] = place;
        }

        return true;
    }
}

/// <summary>Bytes of a word; those of a store of eight bytes become visible with their other half.</summary>
internal readonly record struct PendingWord(ulong Word, uint Value, uint Mask, bool IsPaired);
