import com.amazon.randomcutforest.RandomCutForest;

import java.io.*;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads series from standard input (a 32-bit count, then so many 64-bit floats, big endian; NaN = no sample) and writes
 * for each series its anomaly scores, each before the point was learned; a count of 0 ends the input. Then come the CPU
 * time in nanoseconds, the points scored, and the bytes of one forest.
 */
public class Scores {
    static RandomCutForest forest() {
        return RandomCutForest.builder().dimensions(8).shingleSize(8).internalShinglingEnabled(true).numberOfTrees(50)
                .sampleSize(256).outputAfter(64).randomSeed(1).parallelExecutionEnabled(false).build();
    }

    public static void main(String[] args) throws IOException {
        DataInputStream in = new DataInputStream(new BufferedInputStream(System.in, 1 << 20));
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(System.out, 1 << 20));
        var threads = ManagementFactory.getThreadMXBean();
        long spent = 0, points = 0;
        for (int n = in.readInt(); n > 0; n = in.readInt()) {
            byte[] bytes = in.readNBytes(8 * n);
            var values = ByteBuffer.wrap(bytes).order(ByteOrder.BIG_ENDIAN).asDoubleBuffer();
            double[] scores = new double[n];
            long began = threads.getCurrentThreadCpuTime();
            RandomCutForest f = forest();
            double[] point = new double[1];
            for (int i = 0; i < n; i++) {
                point[0] = values.get(i);
                scores[i] = Double.NaN;
                if (Double.isNaN(point[0])) {
                    continue;
                }
                double s = f.getAnomalyScore(point);
                f.update(point);
                points++;
                if (s > 0) {
                    scores[i] = s;
                }
            }
            spent += threads.getCurrentThreadCpuTime() - began;
            for (double s : scores) {
                out.writeDouble(s);
            }
        }
        out.writeLong(spent);
        out.writeLong(points);
        out.writeLong(bytes());
        out.flush();
    }

    /** The heap that each of 40 full forests takes. */
    static long bytes() {
        int n = 40;
        RandomCutForest[] held = new RandomCutForest[n];
        long before = used();
        var r = new java.util.Random(1);
        for (int k = 0; k < n; k++) {
            held[k] = forest();
            for (int i = 0; i < 2000; i++) {
                held[k].update(new double[] {r.nextGaussian()});
            }
        }
        long after = used();
        return (after - before) / n + (held[n - 1].getTotalUpdates() > 0 ? 0 : 1);
    }

    static long used() {
        for (int i = 0; i < 4; i++) {
            System.gc();
        }
        Runtime r = Runtime.getRuntime();
        return r.totalMemory() - r.freeMemory();
    }
}
