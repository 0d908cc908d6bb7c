using System.Numerics;
using System.Runtime.CompilerServices;

namespace MinRnn.Kernels.Rows;

/// <summary>
/// Normalisation of rows, forward and backward, each in one pass over memory. With a bias it is layer norm; without one the mean counts as
/// zero, which makes it root-mean-square norm.
/// </summary>
internal static unsafe class NormKernel<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Writes <c>(x - mean) · scale · weight + bias</c> for the rows from <paramref name="first"/> up to <paramref name="end"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(T* input, T* weight, T* bias, T* output, long first, long end, int width, double epsilon)
    {
        for (var row = first; row < end; row++)
        {
            T* x = input + (row * width), y = output + (row * width);
            var mean = bias == null ? T.Zero : Mean(x, width);
            var scale = Scale(x, mean, width, epsilon);
            var (means, scales) = (new Vector<T>(mean), new Vector<T>(scale));
            var i = 0;
            for (; i <= width - Vector<T>.Count; i += Vector<T>.Count)
            {
                var result = (Vector.Load(x + i) - means) * scales * Vector.Load(weight + i);
                (bias == null ? result : result + Vector.Load(bias + i)).Store(y + i);
            }

            for (; i < width; i++)
            {
                var result = (x[i] - mean) * scale * weight[i];
                y[i] = bias == null ? result : result + bias[i];
            }
        }
    }

    /// <summary>
    /// Writes the input's gradient of these rows, and adds their share to <paramref name="weightGradient"/> and, for a norm with a bias, to
    /// <paramref name="biasGradient"/>: with c = x - mean and g = dy · weight,
    /// <c>dx = scale · (g - mean(g) - c · scale² · mean(g · c))</c>, <c>dw = Σ dy · c · scale</c> and <c>db = Σ dy</c>.
    /// Without a bias there is no mean(g), for nothing has subtracted the mean.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward(
        T* input, T* weight, T* outputGradient, T* inputGradient, T* weightGradient, T* biasGradient, long first, long end, int width, double epsilon)
    {
        for (var row = first; row < end; row++)
        {
            T* x = input + (row * width), dy = outputGradient + (row * width), dx = inputGradient + (row * width);
            var mean = biasGradient == null ? T.Zero : Mean(x, width);
            var scale = Scale(x, mean, width, epsilon);
            var (shift, product) = Moments(x, mean, weight, dy, width);
            var pull = scale * scale * product;
            if (biasGradient == null)
                shift = T.Zero;
            var (means, scales, pulls, shifts) = (new Vector<T>(mean), new Vector<T>(scale), new Vector<T>(pull), new Vector<T>(shift));
            var i = 0;
            for (; i <= width - Vector<T>.Count; i += Vector<T>.Count)
            {
                Vector<T> centered = Vector.Load(x + i) - means, gradient = Vector.Load(dy + i);
                (((gradient * Vector.Load(weight + i)) - shifts - (centered * pulls)) * scales).Store(dx + i);
                (Vector.Load(weightGradient + i) + (gradient * centered * scales)).Store(weightGradient + i);
                if (biasGradient != null)
                    (Vector.Load(biasGradient + i) + gradient).Store(biasGradient + i);
            }

            for (; i < width; i++)
            {
                var centered = x[i] - mean;
                dx[i] = ((dy[i] * weight[i]) - shift - (centered * pull)) * scale;
                weightGradient[i] += dy[i] * centered * scale;
                if (biasGradient != null)
                    biasGradient[i] += dy[i];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Mean(T* x, int width)
    {
        var sums = Vector<T>.Zero;
        var i = 0;
        for (; i <= width - Vector<T>.Count; i += Vector<T>.Count)
            sums += Vector.Load(x + i);
        var sum = Vector.Sum(sums);
        for (; i < width; i++)
            sum += x[i];
        return sum / T.CreateTruncating(width);
    }

    /// <summary>
    /// <c>1 / √(mean((x - mean)²) + ε)</c>. The row is in the cache by now, and squares of distances keep their digits where the mean is large.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Scale(T* x, T mean, int width, double epsilon)
    {
        var (sums, means) = (Vector<T>.Zero, new Vector<T>(mean));
        var i = 0;
        for (; i <= width - Vector<T>.Count; i += Vector<T>.Count)
        {
            var centered = Vector.Load(x + i) - means;
            sums += centered * centered;
        }

        var sum = Vector.Sum(sums);
        for (; i < width; i++)
            sum += (x[i] - mean) * (x[i] - mean);
        return T.One / T.Sqrt((sum / T.CreateTruncating(width)) + T.CreateTruncating(epsilon));
    }

    /// <summary><c>mean(g)</c> and <c>mean(g · (x - mean))</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (T OfGradient, T OfProduct) Moments(T* x, T mean, T* weight, T* dy, int width)
    {
        var (gradients, products, means) = (Vector<T>.Zero, Vector<T>.Zero, new Vector<T>(mean));
        var i = 0;
        for (; i <= width - Vector<T>.Count; i += Vector<T>.Count)
        {
            var gradient = Vector.Load(weight + i) * Vector.Load(dy + i);
            gradients += gradient;
            products += gradient * (Vector.Load(x + i) - means);
        }

        var (ofGradient, ofProduct) = (Vector.Sum(gradients), Vector.Sum(products));
        for (; i < width; i++)
        {
            var gradient = weight[i] * dy[i];
            ofGradient += gradient;
            ofProduct += gradient * (x[i] - mean);
        }

        return (ofGradient / T.CreateTruncating(width), ofProduct / T.CreateTruncating(width));
    }
}
