namespace MinRnn.Inference;

/// <summary>
/// Objects that calls borrow: one for each call that runs at the same time as others. They are made on first need, and the first at
/// once, so that a single thread never allocates.
/// </summary>
internal sealed class Pool<TItem>
    where TItem : class
{
    private readonly Func<TItem> create;
    private readonly TItem?[] idle;

    public Pool(Func<TItem> create)
    {
        this.create = create;
        idle = new TItem?[int.Max(4, Environment.ProcessorCount)];
        idle[0] = create();
    }

    public TItem Borrow()
    {
        foreach (ref var slot in idle.AsSpan())
        {
            if (slot is not null && Interlocked.Exchange(ref slot, null) is { } item)
                return item;
        }

        return create();
    }

    public void Return(TItem item)
    {
        foreach (ref var slot in idle.AsSpan())
        {
            if (slot is null && Interlocked.CompareExchange(ref slot, item, null) is null)
                return;
        }
    }
}
