package dev.systole.frontend.onnx.operator;

/**
 * How places are found and interpolated, as Resize names it. {@code floor_or_ceil}, which rounds up where a dimension shrinks, is what
 * the first versions did.
 */
record ResizeMethod(
        String mode,
        String coordinates,
        String nearest,
        boolean antialias,
        boolean excludesOutside,
        double cubic,
        double extrapolation) {
    private static final long MOST_WORK = 1 << 26;

    static ResizeMethod old(String mode) {
        return new ResizeMethod(mode, "asymmetric", "floor_or_ceil", false, false, 0, 0);
    }

    boolean crops() {
        return coordinates.equals("tf_crop_and_resize");
    }

    /**
     * An axis to be resized.
     *
     * @param scale of which {@code out} may be a rounded multiple
     * @param start where the region begins that is resized, of the extent less 1
     * @param end where it ends
     */
    record Axis(int axis, long in, long out, double scale, double start, double end) {}

    /** Where an element of the result is in the input. */
    double place(Axis a, double o) {
        double width = a.scale * a.in;
        return switch (coordinates) {
            case "asymmetric" -> o / a.scale;
            case "half_pixel" -> (o + 0.5) / a.scale - 0.5;
            case "pytorch_half_pixel" -> width == 1 ? 0 : (o + 0.5) / a.scale - 0.5;
            case "align_corners" -> width == 1 ? 0 : o * (a.in - 1) / (width - 1);
            case "tf_crop_and_resize" ->
                width == 1
                        ? (a.start + a.end) * (a.in - 1) / 2
                        : o * (a.end - a.start) * (a.in - 1) / (width - 1) + a.start * (a.in - 1);
            case "tf_half_pixel_for_nn" -> (o + 0.5) / a.scale;
            case "half_pixel_symmetric" -> a.in / 2.0 * (1 - a.out / width) + (o + 0.5) / a.scale - 0.5;
            default -> throw new IllegalArgumentException(coordinates);
        };
    }

    /** The index of the element that is taken for a place, which may be out of range. */
    double nearest(OnnxNode n, Axis a, double place) {
        return switch (nearest) {
            case "round_prefer_floor" -> Math.ceil(place - 0.5);
            case "round_prefer_ceil" -> Math.floor(place + 0.5);
            case "floor" -> Math.floor(place);
            case "ceil" -> Math.ceil(place);
            case "floor_or_ceil" -> a.scale < 1 ? Math.ceil(place) : Math.floor(place);
            default ->
                throw n.fault("has nearest_mode \"" + nearest
                        + "\"; there are round_prefer_floor, round_prefer_ceil, floor and ceil");
        };
    }

    /** The filter around each place; against aliasing it is stretched where the axis shrinks. */
    Resampling.Weights weights(OnnxNode n, Axis a, double[] places) {
        double support = switch (mode) {
            case "linear" -> 1;
            case "cubic" -> 2;
            default -> throw n.fault("has mode \"" + mode + "\"; there are nearest, linear and cubic");
        };
        double scale = antialias ? Math.min(1, a.scale) : 1;
        double before = Math.ceil(support / scale) - 1;
        double taps = 2 * before + 2;
        if (taps * places.length > MOST_WORK) {
            throw n.fault("interpolates " + taps + " neighbours of " + places.length + " elements, which is too many");
        }
        int count = (int) taps;
        var firsts = new long[places.length];
        var weights = new double[places.length * count];
        for (int o = 0; o < places.length; o++) {
            double first = Math.floor(places[o]) - before;
            firsts[o] = (long) first;
            double sum = 0;
            for (int t = 0; t < count; t++) {
                boolean counts = !excludesOutside || first + t >= 0 && first + t <= a.in - 1;
                double w = counts ? filter((first + t - places[o]) * scale) : 0;
                weights[o * count + t] = w;
                sum += w;
            }
            for (int t = 0; t < count && sum != 0; t++) {
                weights[o * count + t] /= sum;
            }
        }
        return new Resampling.Weights(firsts, count, weights);
    }

    /** The triangle, or the cubic of R. Keys, Cubic convolution interpolation for digital image processing, equation 4. */
    private double filter(double t) {
        double x = Math.abs(t);
        if (mode.equals("linear")) {
            return Math.max(0, 1 - x);
        }
        double c = cubic;
        return x <= 1 ? ((c + 2) * x - (c + 3)) * x * x + 1 : x < 2 ? ((c * x - 5 * c) * x + 8 * c) * x - 4 * c : 0;
    }
}
