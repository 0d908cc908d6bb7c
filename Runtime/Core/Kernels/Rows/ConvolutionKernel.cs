using System.Numerics;
using System.Runtime.CompilerServices;

namespace MinRnn.Kernels.Rows;

/// <summary>
/// A causal depthwise convolution over the rows of one sequence among those of others.
/// </summary>
internal static unsafe class ConvolutionKernel<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>
    /// Writes <c>bias + Σ_k weight[k] · x[t - K + 1 + k]</c> for the rows from <paramref name="first"/> up to <paramref name="end"/> of a
    /// sequence that begins at <paramref name="start"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(T* input, T* weight, T* bias, T* output, long first, long end, long start, int width, int taps)
    {
        for (var row = first; row < end; row++)
        {
            T* y = output + (row * width);
            // The oldest tap that lies in the sequence.
            var oldest = (int)Math.Max(0, taps - 1 - (row - start));
            T* x = input + ((row - taps + 1) * width);
            var i = 0;
            for (; i <= width - Vector<T>.Count; i += Vector<T>.Count)
            {
                var sum = Vector.Load(bias + i);
                for (var k = oldest; k < taps; k++)
                    sum += Vector.Load(weight + ((long)k * width) + i) * Vector.Load(x + ((long)k * width) + i);
                sum.Store(y + i);
            }

            for (; i < width; i++)
            {
                var sum = bias[i];
                for (var k = oldest; k < taps; k++)
                    sum += weight[((long)k * width) + i] * x[((long)k * width) + i];
                y[i] = sum;
            }
        }
    }

    /// <summary>
    /// Writes the input's gradient of these rows, <c>Σ_k weight[k] · dy[t + K - 1 - k]</c>, of a sequence that ends before
    /// <paramref name="stop"/>, and adds the rows' share to <paramref name="parameterGradient"/>: K rows of the weight's, then the bias's.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward(
        T* input, T* weight, T* outputGradient, T* inputGradient, T* parameterGradient, long first, long end, long stop, int width, int taps)
    {
        for (var row = first; row < end; row++)
        {
            T* x = input + (row * width), dx = inputGradient + (row * width);
            T* biasGradient = parameterGradient + ((long)taps * width);
            // The oldest tap through which this row reaches an output that lies in the sequence.
            var oldest = (int)Math.Max(0, taps - (stop - row));
            T* dy = outputGradient + ((row + taps - 1) * width);
            var i = 0;
            for (; i <= width - Vector<T>.Count; i += Vector<T>.Count)
            {
                var (source, sum) = (Vector.Load(x + i), Vector<T>.Zero);
                for (var k = oldest; k < taps; k++)
                {
                    var gradient = Vector.Load(dy - ((long)k * width) + i);
                    sum += Vector.Load(weight + ((long)k * width) + i) * gradient;
                    T* dw = parameterGradient + ((long)k * width) + i;
                    (Vector.Load(dw) + (gradient * source)).Store(dw);
                }

                sum.Store(dx + i);
                (Vector.Load(biasGradient + i) + Vector.Load(outputGradient + (row * width) + i)).Store(biasGradient + i);
            }

            for (; i < width; i++)
            {
                var sum = T.Zero;
                for (var k = oldest; k < taps; k++)
                {
                    var gradient = dy[i - ((long)k * width)];
                    sum += weight[((long)k * width) + i] * gradient;
                    parameterGradient[((long)k * width) + i] += gradient * x[i];
                }

                dx[i] = sum;
                biasGradient[i] += outputGradient[(row * width) + i];
            }
        }
    }
}
