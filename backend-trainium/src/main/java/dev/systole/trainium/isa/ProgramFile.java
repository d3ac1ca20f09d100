package dev.systole.trainium.isa;

import dev.systole.ir.graph.Contract;
import dev.systole.ir.graph.Location;
import dev.systole.ir.target.Target;
import dev.systole.ir.target.TargetException;
import dev.systole.ir.target.Targets;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.TensorType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.zip.CRC32C;

/** Programs as files (.sx): the format is described byte by byte in docs/program-file.md. */
public final class ProgramFile {
    private static final long MAGIC = 0x0A58535953_0D89L;
    private static final int VERSION = 1;
    private static final int HEADER_BYTES = 32;
    private static final int ENTRY_BYTES = 32;
    private static final int PAGE = 4096;

    private static final List<Program.Role> ROLES = List.of(Program.Role.values());

    /** Sections, in the order of the file. */
    private enum Section {
        TARGET,
        TENSORS,
        CONSTANT_TABLE,
        CODE,
        LOCATIONS,
        CONSTANTS
    }

    private ProgramFile() {}

    /**
     * Writes a program under a temporary name and moves it into place.
     *
     * @throws ProgramFileException if the file cannot be written; nothing is left behind then
     * @throws LimitException if the program breaks a limit of its target
     */
    public static void write(Program program, Path path) {
        Limits.check(program);
        var temporary = path.resolveSibling(
                "." + path.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
        try {
            try (var channel = FileChannel.open(
                    temporary,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.TRUNCATE_EXISTING)) {
                write(program, channel);
            }
            Files.move(temporary, path, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            try {
                Files.deleteIfExists(temporary);
            } catch (IOException left) {
                e.addSuppressed(left);
            }
            throw new ProgramFileException("SYS4103", path + ": cannot be written: " + reason(e, path));
        }
    }

    private static String reason(IOException e, Path path) {
        return e instanceof NoSuchFileException
                ? "there is no directory " + path.toAbsolutePath().getParent()
                : e.getMessage();
    }

    private static void write(Program program, FileChannel channel) throws IOException {
        var sections =
                List.of(target(program), tensors(program), constantTable(program), code(program), locations(program));
        var header = ByteBuffer.allocate(HEADER_BYTES + ENTRY_BYTES * Section.values().length)
                .order(ByteOrder.LITTLE_ENDIAN);
        header.putLong(MAGIC).putInt(VERSION).putInt(Section.values().length);
        header.position(HEADER_BYTES);
        long at = header.capacity();
        for (int i = 0; i < sections.size(); i++) {
            entry(header, i, at, sections.get(i).remaining(), crc(sections.get(i)));
            at += sections.get(i).remaining();
        }
        long constants = Math.ceilDiv(at, (long) PAGE) * PAGE;
        var crc = new CRC32C();
        long end = constants;
        channel.position(at);
        pad(channel, constants - at, new CRC32C());
        for (var c : program.constants()) {
            var bytes = c.bytes();
            long size = bytes.byteSize();
            for (long from = 0; from < size; from += 1 << 30) {
                var part = bytes.asSlice(from, Math.min(size - from, 1 << 30)).asByteBuffer();
                crc.update(part.duplicate());
                writeAll(channel, part);
            }
            long padding = Math.ceilDiv(size, (long) PAGE) * PAGE - size;
            pad(channel, padding, crc);
            end += size + padding;
        }
        entry(header, sections.size(), constants, end - constants, (int) crc.getValue());
        header.putLong(16, end);
        header.putInt(24, headerCrc(header.array()));
        channel.position(0);
        writeAll(channel, header.flip());
        for (var s : sections) {
            writeAll(channel, s.duplicate());
        }
    }

    private static void entry(ByteBuffer header, int kind, long offset, long length, int crc) {
        header.putInt(kind).putInt(crc).putLong(offset).putLong(length).putLong(0);
    }

    private static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static void pad(FileChannel channel, long count, CRC32C crc) throws IOException {
        var zeros = ByteBuffer.allocate((int) count);
        crc.update(zeros.duplicate());
        writeAll(channel, zeros);
    }

    private static int crc(ByteBuffer bytes) {
        var crc = new CRC32C();
        crc.update(bytes.duplicate());
        return (int) crc.getValue();
    }

    /** The header and the section table with the checksum's own four bytes as zeros. */
    private static int headerCrc(byte[] header) {
        var copy = header.clone();
        java.util.Arrays.fill(copy, 24, 28, (byte) 0);
        return crc(ByteBuffer.wrap(copy));
    }

    private static ByteBuffer target(Program program) {
        var w = new CodeWriter();
        w.text(Targets.json(program.target()));
        w.text(program.name());
        w.i64(program.hbmBytes());
        return w.finished();
    }

    private static ByteBuffer tensors(Program program) {
        var w = new CodeWriter();
        w.i32(program.tensors().size());
        for (var t : program.tensors()) {
            w.u8(t.role().ordinal());
            w.text(t.name());
            w.u8(t.type().dtype().ordinal());
            w.u8(t.carrier().ordinal());
            w.u8(t.type().shape().rank());
            t.type().shape().dims().forEach(w::i64);
            w.i64(t.address());
        }
        w.i32(program.contract().states().size());
        for (var s : program.contract().states()) {
            w.i32(s.input());
            w.i32(s.output());
        }
        w.i32(program.contract().extents().size());
        for (var e : program.contract().extents()) {
            w.i32(e.output());
            w.i32(e.axis());
            w.i32(e.count());
        }
        return w.finished();
    }

    private static ByteBuffer constantTable(Program program) {
        var w = new CodeWriter();
        w.i32(program.constants().size());
        long at = 0;
        for (var c : program.constants()) {
            w.i64(c.address());
            w.i64(at);
            w.i64(c.bytes().byteSize());
            at += Math.ceilDiv(c.bytes().byteSize(), (long) PAGE) * PAGE;
        }
        return w.finished();
    }

    private static ByteBuffer code(Program program) {
        var w = new CodeWriter();
        w.i32(program.cores().size());
        for (var core : program.cores()) {
            for (var engine : Engine.values()) {
                var stream = core.stream(engine);
                w.i32(stream.size());
                stream.forEach(issue -> InstructionCode.write(w, issue));
            }
        }
        return w.finished();
    }

    private static ByteBuffer locations(Program program) {
        var w = new CodeWriter();
        w.i32(program.locations().size());
        for (var l : program.locations()) {
            w.text(l.node());
            w.text(l.operator());
        }
        return w.finished();
    }

    /**
     * Maps a program.
     *
     * @throws ProgramFileException if there is no such file, it is no complete program of this version, or it is damaged
     */
    public static Program read(Path path) {
        return new Reading(path).run();
    }

    /** One reading of a file. */
    private static final class Reading {
        private final Path path;

        Reading(Path path) {
            this.path = path;
        }

        private ProgramFileException damaged(String why) {
            return new ProgramFileException("SYS4101", path + ": " + why + "; compile the model again");
        }

        Program run() {
            if (!Files.isRegularFile(path)) {
                throw new ProgramFileException("SYS4104", path + ": no such file");
            }
            try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
                var file = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
                return CodeReader.guarded(() -> program(file));
            } catch (CodeReader.MalformedException e) {
                throw damaged("is not a valid program: " + e.getMessage());
            } catch (IOException e) {
                throw new ProgramFileException("SYS4104", path + ": cannot be read: " + e.getMessage());
            }
        }

        private static ByteBuffer bytes(MemorySegment segment) {
            return segment.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        }

        private Program program(MemorySegment file) {
            int tableEnd = HEADER_BYTES + ENTRY_BYTES * Section.values().length;
            if (file.byteSize() < 16 || bytes(file.asSlice(0, 8)).getLong() != MAGIC) {
                throw damaged("is not a Systole program");
            }
            int version = bytes(file.asSlice(8, 4)).getInt();
            if (version != VERSION) {
                throw damaged("has format version " + version + ", this Systole reads " + VERSION);
            }
            if (file.byteSize() < tableEnd) {
                throw damaged("is truncated");
            }
            var header = file.asSlice(0, tableEnd).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
            var table = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
            if (table.getInt(24) != headerCrc(header) || table.getInt(12) != Section.values().length) {
                throw damaged("has a damaged header");
            }
            if (table.getLong(16) != file.byteSize()) {
                throw damaged("is truncated: it has %d of %d bytes".formatted(file.byteSize(), table.getLong(16)));
            }
            var sections = new EnumMap<Section, MemorySegment>(Section.class);
            long end = tableEnd;
            for (var section : Section.values()) {
                sections.put(section, section(file, table, section, end));
                end = table.getLong(HEADER_BYTES + section.ordinal() * ENTRY_BYTES + 8)
                        + sections.get(section).byteSize();
            }
            return program(sections);
        }

        /** A section that begins where the last one ended (the constants on the next page), with its checksum verified. */
        private MemorySegment section(MemorySegment file, ByteBuffer table, Section section, long begin) {
            table.position(HEADER_BYTES + section.ordinal() * ENTRY_BYTES);
            int kind = table.getInt();
            int expected = table.getInt();
            long offset = table.getLong();
            long length = table.getLong();
            long place = section == Section.CONSTANTS ? Math.ceilDiv(begin, (long) PAGE) * PAGE : begin;
            if (kind != section.ordinal()
                    || table.getLong() != 0
                    || offset != place
                    || length < 0
                    || length > file.byteSize() - offset) {
                throw damaged("has a damaged section table");
            }
            for (long at = begin; at < offset; at++) {
                if (file.get(java.lang.foreign.ValueLayout.JAVA_BYTE, at) != 0) {
                    throw damaged("has a damaged page border");
                }
            }
            var bytes = file.asSlice(offset, length);
            var crc = new CRC32C();
            for (long from = 0; from < length; from += 1 << 30) {
                crc.update(bytes.asSlice(from, Math.min(length - from, 1 << 30)).asByteBuffer());
            }
            if ((int) crc.getValue() != expected) {
                throw damaged("has a damaged section of "
                        + section.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' '));
            }
            return bytes;
        }

        private Program program(EnumMap<Section, MemorySegment> sections) {
            var r = new CodeReader(bytes(sections.get(Section.TARGET)));
            var target = target(r.text());
            var name = r.text();
            long hbmBytes = r.i64();
            var binding = new CodeReader(bytes(sections.get(Section.TENSORS)));
            var tensors = tensors(binding);
            var contract = contract(binding);
            var constants = constants(
                    new CodeReader(bytes(sections.get(Section.CONSTANT_TABLE))), sections.get(Section.CONSTANTS));
            var cores = cores(new CodeReader(bytes(sections.get(Section.CODE))));
            var locations = locations(new CodeReader(bytes(sections.get(Section.LOCATIONS))));
            return new Program(name, target, tensors, contract, constants, hbmBytes, cores, locations);
        }

        /** The target as the compiler saw it; a built-in one that has not changed since comes with its provenance. */
        private Target target(String json) {
            try {
                var target = Targets.parse(json, "its target");
                if (Targets.builtIn().contains(target.name())) {
                    var known = Targets.load(target.name());
                    return Targets.json(known).equals(json) ? known : target;
                }
                return target;
            } catch (TargetException e) {
                throw damaged(e.getMessage());
            }
        }

        private static List<Program.Binding> tensors(CodeReader r) {
            int count = r.count(16);
            var list = new ArrayList<Program.Binding>(count);
            for (int i = 0; i < count; i++) {
                var role = r.pick(ROLES, "role");
                var name = r.text();
                var dtype = r.dtype();
                var carrier = r.dtype();
                var dims = new long[r.u8()];
                for (int d = 0; d < dims.length; d++) {
                    dims[d] = r.i64();
                }
                var type = new TensorType(dtype, Shape.of(dims));
                type.bytes();
                list.add(new Program.Binding(role, name, type, carrier, r.i64()));
            }
            return list;
        }

        private static Contract contract(CodeReader r) {
            var states = new ArrayList<Contract.State>();
            for (int count = r.count(8); states.size() < count; ) {
                states.add(new Contract.State(r.i32(), r.i32()));
            }
            var extents = new ArrayList<Contract.Extent>();
            for (int count = r.count(12); extents.size() < count; ) {
                extents.add(new Contract.Extent(r.i32(), r.i32(), r.i32()));
            }
            return new Contract(states, extents);
        }

        private static List<Program.Constant> constants(CodeReader r, MemorySegment data) {
            int count = r.count(24);
            var list = new ArrayList<Program.Constant>(count);
            for (int i = 0; i < count; i++) {
                long address = r.i64();
                long offset = r.i64();
                long length = r.i64();
                if (offset < 0 || length < 0 || offset > data.byteSize() - length) {
                    throw new CodeReader.MalformedException("a constant lies outside its section");
                }
                list.add(new Program.Constant(address, data.asSlice(offset, length)));
            }
            return list;
        }

        private static List<Program.Core> cores(CodeReader r) {
            int count = r.count(4 * Engine.values().length);
            var cores = new ArrayList<Program.Core>(count);
            for (int c = 0; c < count; c++) {
                var streams = new EnumMap<Engine, List<Issue>>(Engine.class);
                for (var engine : Engine.values()) {
                    int issues = r.count(8);
                    var stream = new ArrayList<Issue>(issues);
                    for (int i = 0; i < issues; i++) {
                        stream.add(InstructionCode.read(r));
                    }
                    if (issues > 0) {
                        streams.put(engine, List.copyOf(stream));
                    }
                }
                cores.add(new Program.Core(streams));
            }
            if (!r.isAtEnd()) {
                throw new CodeReader.MalformedException("there is something behind the code");
            }
            return cores;
        }

        private static List<Location> locations(CodeReader r) {
            int count = r.count(8);
            var list = new ArrayList<Location>(count);
            for (int i = 0; i < count; i++) {
                list.add(new Location(r.text(), r.text()));
            }
            return list;
        }
    }
}
