package dev.systole.frontend.sy;

import dev.systole.frontend.onnx.file.OnnxTensors;
import dev.systole.frontend.onnx.operator.OnnxValue;
import dev.systole.frontend.onnx.proto.TypeProto;
import dev.systole.frontend.sy.Syntax.Dimension;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Types as they are written, against types as they are. */
final class Types {
    static final String INT = "int";

    private static final String SEQUENCE = "seq";
    private static final String OPTIONAL = "optional";

    private final Scope scope;
    private final Expressions expressions;

    Types(Scope scope, Expressions expressions) {
        this.scope = scope;
        this.expressions = expressions;
    }

    /** The element type of a name, if there is one that models have. */
    static Optional<DType> element(String name) {
        return DType.parse(name).filter(t -> OnnxTensors.number(t).isPresent());
    }

    /** The names of all element types. */
    static List<String> elements() {
        return Arrays.stream(DType.values())
                .map(DType::toString)
                .filter(t -> element(t).isPresent())
                .toList();
    }

    private Site site(Syntax.Type type) {
        return new Site(type.span(), scope.frame());
    }

    private List<Dimension> dimensions(Syntax.Type type) {
        if (type.content().isPresent()) {
            throw new SyError("SYS1505", site(type), "a tensor is wanted here, not " + type.element());
        }
        var dimensions = type.dimensions()
                .orElseThrow(() -> new SyError(
                        "SYS1505", site(type), "the type has no dimensions; a scalar is " + type.element() + "[]"));
        if (dimensions.stream().filter(Dimension.Rest.class::isInstance).count() > 1) {
            throw new SyError("SYS1505", site(type), "a type has one \"...\" at most");
        }
        return dimensions;
    }

    /** @throws SyError if there is no such element type */
    DType dtype(Syntax.Type type) {
        var name = type.element().text();
        if (type.content().isPresent()) {
            throw new SyError("SYS1505", site(type), "a tensor is wanted here, not " + name);
        }
        if (name.equals(INT)) {
            throw new SyError("SYS1505", site(type), "only arguments of functions are int");
        }
        return element(name)
                .orElseThrow(() -> new SyError(
                        "SYS1503",
                        new Site(type.element().span(), scope.frame()),
                        "there is no element type \"" + name + "\"",
                        Suggestions.hint(name, elements())));
    }

    /** True for an optional. */
    static boolean isOptional(Syntax.Type type) {
        return type.content().isPresent() && type.element().text().equals(OPTIONAL);
    }

    /** The type in ONNX of a sequence or an optional of tensors of any shape. */
    TypeProto structure(Syntax.Type type) {
        if (type.content().isEmpty()) {
            return OnnxTypes.of(dtype(type));
        }
        var content = structure(type.content().get());
        return isOptional(requireStructure(type)) ? OnnxTypes.optional(content) : OnnxTypes.sequence(content);
    }

    /** @throws SyError if there is no such type of types */
    private Syntax.Type requireStructure(Syntax.Type type) {
        var name = type.element().text();
        var content = type.content().orElseThrow();
        boolean known =
                name.equals(SEQUENCE) && content.content().isEmpty() || name.equals(OPTIONAL) && !isOptional(content);
        if (!known) {
            throw new SyError(
                    "SYS1505",
                    site(type),
                    "there are sequences, seq(f32[...]), and optionals of tensors and sequences, optional(f32[...])");
        }
        return type;
    }

    /** What a value is, for messages. */
    static String describe(OnnxValue value) {
        return switch (value) {
            case OnnxValue.OfTensor(var tensor) -> tensor.type().toString();
            case OnnxValue.OfSequence sequence -> sequence.type();
            case OnnxValue.OfOptional optional -> optional.type().isEmpty() ? "an empty optional" : optional.type();
        };
    }

    /** True if a value is of a type as it is written. */
    boolean accepts(Syntax.Type type, OnnxValue actual) {
        if (type.content().isEmpty()) {
            return actual instanceof OnnxValue.OfTensor(var tensor) && accepts(type, tensor.type());
        }
        var content = requireStructure(type).content().get();
        return switch (actual) {
            case OnnxValue.OfTensor tensor -> false;
            case OnnxValue.OfSequence(var dtype, var tensors) ->
                !isOptional(type)
                        && dtype(content) == dtype
                        && tensors.stream().allMatch(t -> accepts(content, t.type()));
            case OnnxValue.OfOptional(var value) ->
                isOptional(type) && value.map(v -> accepts(content, v)).orElse(true);
        };
    }

    /** Binds the names that stand alone in a dimension of a tensor and are not known yet. */
    void bind(Syntax.Type type, OnnxValue actual) {
        if (type.content().isEmpty() && actual instanceof OnnxValue.OfTensor(var tensor)) {
            bind(type, tensor.type().shape());
        }
    }

    /**
     * A type whose dimensions are all known.
     *
     * @return empty if an error left one unknown
     */
    Optional<TensorType> resolve(Syntax.Type type) {
        var dtype = dtype(type);
        var dims = new ArrayList<Long>();
        boolean known = true;
        for (var d : dimensions(type)) {
            if (!(d instanceof Dimension.Extent(var expression))) {
                throw new SyError("SYS1505", site(type), "every extent must be known here");
            }
            var extent = expressions.whole(expression);
            known &= extent.isPresent();
            extent.ifPresent(dims::add);
        }
        return known ? Optional.of(new TensorType(dtype, shape(type, dims))) : Optional.empty();
    }

    private Shape shape(Syntax.Type type, List<Long> dims) {
        try {
            return Shape.of(dims);
        } catch (IllegalArgumentException e) {
            throw new SyError("SYS1505", site(type), e.getMessage());
        }
    }

    /** Binds the names that stand alone in a dimension and are not known yet. */
    void bind(Syntax.Type type, Shape actual) {
        aligned(type, actual.rank()).ifPresent(dims -> {
            for (int i = 0; i < dims.size(); i++) {
                if (dims.get(i) instanceof Dimension.Extent(Syntax.Variable(var name, var span))
                        && !scope.declares(name)) {
                    scope.fix(name, "a dimension", new Term.Whole(actual.dim(i)));
                }
            }
        });
    }

    /** The dimensions as written for each dimension of a rank; absent if the rank does not fit. */
    private Optional<List<Dimension>> aligned(Syntax.Type type, int rank) {
        var written = dimensions(type);
        int rest = written.indexOf(new Dimension.Rest());
        if (rest < 0) {
            return written.size() == rank ? Optional.of(written) : Optional.empty();
        }
        int missing = rank - written.size() + 1;
        if (missing < 0) {
            return Optional.empty();
        }
        var dims = new ArrayList<>(written.subList(0, rest));
        for (int i = 0; i < missing; i++) {
            dims.add(new Dimension.Any());
        }
        dims.addAll(written.subList(rest + 1, written.size()));
        return Optional.of(dims);
    }

    /** True if an actual type is as written; also where an error leaves open whether it is. */
    boolean accepts(Syntax.Type type, TensorType actual) {
        return accepts(type, actual, Set.of());
    }

    /** @param upTo axes that may be shorter, so that any extent up to the actual one is right */
    boolean accepts(Syntax.Type type, TensorType actual, Set<Integer> upTo) {
        var dims = aligned(type, actual.shape().rank());
        boolean same = dtype(type) == actual.dtype() && dims.isPresent();
        for (int i = 0; same && i < actual.shape().rank(); i++) {
            if (dims.get().get(i) instanceof Dimension.Extent(var expression)) {
                long extent = actual.shape().dim(i);
                boolean shorter = upTo.contains(i);
                same = expressions
                        .whole(expression)
                        .map(e -> shorter ? e <= extent : e == extent)
                        .orElse(true);
            }
        }
        return same;
    }

    /** The type with what its dimensions come out as, for messages. */
    String describe(Syntax.Type type) {
        if (type.content().isPresent()) {
            return type.element() + "(" + describe(type.content().get()) + ")";
        }
        var written = dimensions(type).stream()
                .map(d -> switch (d) {
                    case Dimension.Any() -> "?";
                    case Dimension.Rest() -> "...";
                    case Dimension.Extent(var expression) ->
                        expressions.whole(expression).map(e -> Long.toString(e)).orElse("?");
                })
                .collect(Collectors.joining(","));
        return type.element() + "[" + written + "]";
    }
}
