using System.Numerics;
using System.Runtime.CompilerServices;

namespace MinRnn.Kernels.Rows;

/// <summary>Root-mean-square normalisation of rows, forward and backward, each in one pass over memory.</summary>
internal static unsafe class RmsNormKernel<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Writes <c>x · scale · weight</c> for the rows from <paramref name="first"/> up to <paramref name="end"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(T* input, T* weight, T* output, long first, long end, int width, double epsilon)
    {
        for (var row = first; row < end; row++)
        {
            T* x = input + (row * width), y = output + (row * width);
            var scale = Scale(Dot(x, x, width), width, epsilon);
            var scales = new Vector<T>(scale);
            var i = 0;
            for (; i <= width - Vector<T>.Count; i += Vector<T>.Count)
                (Vector.Load(x + i) * scales * Vector.Load(weight + i)).Store(y + i);
            for (; i < width; i++)
                y[i] = x[i] * scale * weight[i];
        }
    }

    /// <summary>
    /// Writes the input's gradient of these rows, and adds their share to <paramref name="weightGradient"/>:
    /// with g = dy · weight, <c>dx = scale · (g - x · scale² · mean(g · x))</c> and <c>dw = Σ dy · x · scale</c>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward(
        T* input, T* weight, T* outputGradient, T* inputGradient, T* weightGradient, long first, long end, int width, double epsilon)
    {
        for (var row = first; row < end; row++)
        {
            T* x = input + (row * width), dy = outputGradient + (row * width), dx = inputGradient + (row * width);
            var scale = Scale(Dot(x, x, width), width, epsilon);
            var pull = scale * scale * Dot(x, weight, dy, width) / T.CreateTruncating(width);
            var (scales, pulls) = (new Vector<T>(scale), new Vector<T>(pull));
            var i = 0;
            for (; i <= width - Vector<T>.Count; i += Vector<T>.Count)
            {
                Vector<T> source = Vector.Load(x + i), gradient = Vector.Load(dy + i);
                (((gradient * Vector.Load(weight + i)) - (source * pulls)) * scales).Store(dx + i);
                (Vector.Load(weightGradient + i) + (gradient * source * scales)).Store(weightGradient + i);
            }

            for (; i < width; i++)
            {
                dx[i] = ((dy[i] * weight[i]) - (x[i] * pull)) * scale;
                weightGradient[i] += dy[i] * x[i] * scale;
            }
        }
    }

    private static T Scale(T squares, int width, double epsilon) =>
        T.One / T.Sqrt((squares / T.CreateTruncating(width)) + T.CreateTruncating(epsilon));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Dot(T* left, T* right, int width)
    {
        var sums = Vector<T>.Zero;
        var i = 0;
        for (; i <= width - Vector<T>.Count; i += Vector<T>.Count)
            sums += Vector.Load(left + i) * Vector.Load(right + i);
        var sum = Vector.Sum(sums);
        for (; i < width; i++)
            sum += left[i] * right[i];
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Dot(T* first, T* second, T* third, int width)
    {
        var sums = Vector<T>.Zero;
        var i = 0;
        for (; i <= width - Vector<T>.Count; i += Vector<T>.Count)
            sums += Vector.Load(first + i) * Vector.Load(second + i) * Vector.Load(third + i);
        var sum = Vector.Sum(sums);
        for (; i < width; i++)
            sum += first[i] * second[i] * third[i];
        return sum;
    }
}
