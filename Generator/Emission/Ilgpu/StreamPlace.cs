using MinRnn.Generator.Planning;

namespace MinRnn.Generator.Emission.Ilgpu;

/// <summary>Where a thread of a streaming kernel stands: a piece of a row's time, and one channel or four.</summary>
internal static class StreamPlace
{
    public static void Write(CodeWriter code, LaneText lanes)
    {
        code.Line("var thread = Grid.LongGlobalIndex.X;");
        if (lanes.IsWide)
        {
            code.Line(
                $"""
                long piece = thread / (Channels / {Literals.Int(lanes.Count)}), channel = {Literals.Int(lanes.Count)} * (thread % (Channels / {Literals.Int(lanes.Count)}));
                """);
        }
        else
        {
            code.Line("long piece = thread / Channels, channel = thread % Channels;");
        }

        code.Line(
            """
            if (piece >= TRows.Pieces(scan.Window))
                return;
            var place = TRows.Piece(scan.Window, scan.Work.Sequences.Cast<long>(), piece);
            long first = place.First, end = place.End;

            """);
    }
}
