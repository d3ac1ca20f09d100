package dev.systole.cli.profile;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.systole.emulator.TimelineListener;
import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.Program;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;

/**
 * A run as a trace that Perfetto and Chrome show: one row an engine, and as many rows for transfers as are under way at once. Mutable:
 * one run, written as it goes.
 */
public final class TraceFile implements TimelineListener, AutoCloseable {
    private static final int CORE = 0;

    private final Program program;
    private final JsonGenerator json;

    /** When each row of transfers is free. */
    private final List<Double> rows = new ArrayList<>();

    /** @throws IOException if nothing can be written */
    public TraceFile(Program program, Writer to) throws IOException {
        this.program = program;
        this.json = new JsonFactory().createGenerator(new BufferedWriter(to));
        json.writeStartObject();
        json.writeStringField("displayTimeUnit", "ns");
        json.writeArrayFieldStart("traceEvents");
        name("process_name", CORE, program.name() + " on " + program.target().name());
        for (var engine : Engine.values()) {
            name("thread_name", engine.ordinal(), engine.toString());
        }
    }

    private void name(String what, int row, String name) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", what);
        json.writeStringField("ph", "M");
        json.writeNumberField("pid", CORE);
        json.writeNumberField("tid", row);
        json.writeObjectFieldStart("args");
        json.writeStringField("name", name);
        json.writeEndObject();
        json.writeEndObject();
    }

    @Override
    public void issued(Event event) {
        write(event, event.engine().ordinal(), event.busy());
    }

    @Override
    public void moved(Event transfer, Span moving) {
        write(transfer, row(moving), moving);
    }

    /** The first row of transfers that is free. */
    private int row(Span span) {
        int at = 0;
        while (at < rows.size() && rows.get(at) > span.begin()) {
            at++;
        }
        if (at == rows.size()) {
            rows.add(0.0);
        }
        rows.set(at, span.end());
        return Engine.values().length + at;
    }

    private void write(Event event, int row, Span span) {
        try {
            json.writeStartObject();
            json.writeStringField("name", event.instruction().mnemonic());
            json.writeStringField("ph", "X");
            json.writeNumberField("pid", CORE);
            json.writeNumberField("tid", row);
            json.writeNumberField("ts", span.begin() * 1e6);
            json.writeNumberField("dur", span.seconds() * 1e6);
            json.writeObjectFieldStart("args");
            json.writeStringField(
                    "node", program.locations().get(event.issue().location()).toString());
            json.writeNumberField("at", event.at());
            if (event.semaphoreSeconds() > 0) {
                json.writeNumberField("waited_us", event.semaphoreSeconds() * 1e6);
            }
            json.writeEndObject();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        for (int i = 0; i < rows.size(); i++) {
            name("thread_name", Engine.values().length + i, Resource.DMA + " " + i);
        }
        json.writeEndArray();
        json.writeEndObject();
        json.close();
    }
}
