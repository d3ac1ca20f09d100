package dev.systole.trainium.isa;

import dev.systole.ir.number.ActivationFunction;
import java.util.Optional;

/** The encoding of issues: opcode, engine, semaphores, location, then the instruction's fields in the order of its record. */
final class InstructionCode {
    private InstructionCode() {}

    static void write(CodeWriter w, Issue issue) {
        w.u8(opcode(issue.instruction()));
        w.u8(issue.instruction().engine().ordinal());
        w.u8(issue.waits().size());
        w.flag(issue.update().isPresent());
        w.i32(issue.location());
        for (var wait : issue.waits()) {
            w.u16(wait.semaphore());
            w.i32(wait.atLeast());
        }
        issue.update().ifPresent(u -> {
            w.u16(u.semaphore());
            w.i32(u.add());
        });
        operands(w, issue.instruction());
    }

    private static int opcode(Instruction instruction) {
        return switch (instruction) {
            case Instruction.NcMatmul i -> 1;
            case Instruction.Activation i -> 2;
            case Instruction.ActivationReduce i -> 3;
            case Instruction.TensorTensor i -> 4;
            case Instruction.TensorScalar i -> 5;
            case Instruction.ScalarTensorTensor i -> 6;
            case Instruction.TensorReduce i -> 7;
            case Instruction.TensorTensorScan i -> 8;
            case Instruction.TensorCopy i -> 9;
            case Instruction.TensorCopyPredicated i -> 10;
            case Instruction.Memset i -> 11;
            case Instruction.Reciprocal i -> 12;
            case Instruction.NcTranspose i -> 13;
            case Instruction.Iota i -> 14;
            case Instruction.AffineSelect i -> 15;
            case Instruction.DmaCopy i -> 16;
            case Instruction.RegisterMove i -> 17;
            case Instruction.RegisterAlu i -> 18;
            case Instruction.RegisterLoad i -> 19;
            case Instruction.RegisterStore i -> 20;
            case Instruction.Branch i -> 21;
            case Instruction.LoopBegin i -> 22;
            case Instruction.LoopEnd i -> 23;
            case Instruction.EventSemaphore i -> 24;
        };
    }

    private static void operands(CodeWriter w, Instruction instruction) {
        switch (instruction) {
            case Instruction.NcMatmul i -> {
                w.access(i.to());
                w.access(i.stationary());
                w.access(i.moving());
                w.flag(i.accumulate());
                w.flag(i.transpose());
            }
            case Instruction.Activation i -> {
                w.access(i.to());
                w.u8(i.function().ordinal());
                w.access(i.data());
                w.scalar(i.scale());
                w.optional(i.bias());
            }
            case Instruction.ActivationReduce i -> {
                w.access(i.to());
                w.u8(i.function().ordinal());
                w.access(i.data());
                w.scalar(i.scale());
                w.optional(i.bias());
                w.access(i.reduceTo());
            }
            case Instruction.TensorTensor i -> {
                w.access(i.to());
                w.access(i.a());
                w.u8(i.op().ordinal());
                w.access(i.b());
            }
            case Instruction.TensorScalar i -> {
                w.access(i.to());
                w.access(i.data());
                w.u8(i.op0().ordinal());
                w.scalar(i.operand0());
                w.flag(i.reverse0());
                w.u8(i.op1().ordinal());
                w.scalar(i.operand1());
                w.flag(i.reverse1());
            }
            case Instruction.ScalarTensorTensor i -> {
                w.access(i.to());
                w.access(i.data());
                w.u8(i.op0().ordinal());
                w.scalar(i.operand0());
                w.u8(i.op1().ordinal());
                w.access(i.tensor());
            }
            case Instruction.TensorReduce i -> {
                w.access(i.to());
                w.u8(i.op().ordinal());
                w.access(i.data());
                w.u8(i.axes());
                w.flag(i.negate());
            }
            case Instruction.TensorTensorScan i -> {
                w.access(i.to());
                w.access(i.a());
                w.access(i.b());
                w.scalar(i.initial());
                w.u8(i.op0().ordinal());
                w.u8(i.op1().ordinal());
            }
            case Instruction.TensorCopy i -> {
                w.access(i.to());
                w.access(i.from());
            }
            case Instruction.TensorCopyPredicated i -> {
                w.access(i.to());
                w.access(i.from());
                w.access(i.predicate());
            }
            case Instruction.Memset i -> {
                w.access(i.to());
                w.f32(i.value());
            }
            case Instruction.Reciprocal i -> {
                w.access(i.to());
                w.access(i.data());
            }
            case Instruction.NcTranspose i -> {
                w.access(i.to());
                w.access(i.from());
            }
            case Instruction.Iota i -> {
                w.access(i.to());
                w.i32(i.base());
                w.i32(i.channelMultiplier());
                w.integers(i.steps());
            }
            case Instruction.AffineSelect i -> {
                w.access(i.to());
                w.access(i.data());
                w.i32(i.base());
                w.i32(i.channelMultiplier());
                w.integers(i.steps());
                w.u8(i.compare().ordinal());
                w.f32(i.otherwise());
            }
            case Instruction.DmaCopy i -> {
                w.u8(i.queue());
                w.access(i.to());
                w.access(i.from());
                w.flag(i.indirect().isPresent());
                i.indirect().ifPresent(x -> {
                    w.access(x.index());
                    w.i64(x.bytesPerRow());
                    w.i64(x.rows());
                });
            }
            case Instruction.RegisterMove i -> {
                w.u8(i.register());
                w.i32(i.value());
            }
            case Instruction.RegisterAlu i -> {
                w.u8(i.register());
                w.u8(i.a());
                w.u8(i.op().ordinal());
                w.u8(i.b());
            }
            case Instruction.RegisterLoad i -> {
                w.u8(i.register());
                w.access(i.from());
            }
            case Instruction.RegisterStore i -> {
                w.access(i.to());
                w.u8(i.register());
            }
            case Instruction.Branch i -> {
                w.u8(i.register());
                w.u8(i.compare().ordinal());
                w.i32(i.value());
                w.i32(i.target());
            }
            case Instruction.LoopBegin i -> {
                w.u8(i.register());
                w.i32(i.start());
                w.i32(i.stop());
                w.i32(i.step());
            }
            case Instruction.LoopEnd i -> {}
            case Instruction.EventSemaphore i -> {}
        }
    }

    static Issue read(CodeReader r) {
        int opcode = r.u8();
        var engine = r.pick(Engine.values(), "engine");
        int waitCount = r.u8();
        boolean updates = r.flag();
        int location = r.i32();
        var waits = new java.util.ArrayList<Issue.Wait>();
        for (int i = 0; i < waitCount; i++) {
            waits.add(new Issue.Wait(r.u16(), r.i32()));
        }
        Optional<Issue.Update> update = updates ? Optional.of(new Issue.Update(r.u16(), r.i32())) : Optional.empty();
        var instruction = instruction(opcode, engine, r);
        if (instruction.engine() != engine) {
            throw new CodeReader.MalformedException(instruction.mnemonic() + " does not run on " + engine);
        }
        return new Issue(instruction, waits, update, location);
    }

    private static AluOp op(CodeReader r) {
        return r.pick(AluOp.values(), "operator");
    }

    private static ActivationFunction function(CodeReader r) {
        return r.pick(ActivationFunction.values(), "activation function");
    }

    /** Arguments are evaluated from left to right, which is the order of the fields. */
    private static Instruction instruction(int opcode, Engine engine, CodeReader r) {
        return switch (opcode) {
            case 1 -> new Instruction.NcMatmul(r.access(), r.access(), r.access(), r.flag(), r.flag());
            case 2 -> new Instruction.Activation(r.access(), function(r), r.access(), r.scalar(), r.optional());
            case 3 ->
                new Instruction.ActivationReduce(
                        r.access(), function(r), r.access(), r.scalar(), r.optional(), r.access());
            case 4 -> new Instruction.TensorTensor(engine, r.access(), r.access(), op(r), r.access());
            case 5 ->
                new Instruction.TensorScalar(
                        engine, r.access(), r.access(), op(r), r.scalar(), r.flag(), op(r), r.scalar(), r.flag());
            case 6 -> new Instruction.ScalarTensorTensor(r.access(), r.access(), op(r), r.scalar(), op(r), r.access());
            case 7 -> new Instruction.TensorReduce(r.access(), op(r), r.access(), r.u8(), r.flag());
            case 8 -> new Instruction.TensorTensorScan(r.access(), r.access(), r.access(), r.scalar(), op(r), op(r));
            case 9 -> new Instruction.TensorCopy(engine, r.access(), r.access());
            case 10 -> new Instruction.TensorCopyPredicated(r.access(), r.access(), r.access());
            case 11 -> new Instruction.Memset(engine, r.access(), r.f32());
            case 12 -> new Instruction.Reciprocal(r.access(), r.access());
            case 13 -> new Instruction.NcTranspose(r.access(), r.access());
            case 14 -> new Instruction.Iota(r.access(), r.i32(), r.i32(), r.integers());
            case 15 ->
                new Instruction.AffineSelect(r.access(), r.access(), r.i32(), r.i32(), r.integers(), op(r), r.f32());
            case 16 -> {
                int queue = r.u8();
                var to = r.access();
                var from = r.access();
                Optional<Instruction.Indirect> indirect = r.flag()
                        ? Optional.of(new Instruction.Indirect(r.access(), r.i64(), r.i64()))
                        : Optional.empty();
                yield new Instruction.DmaCopy(engine, queue, to, from, indirect);
            }
            case 17 -> new Instruction.RegisterMove(engine, r.u8(), r.i32());
            case 18 -> new Instruction.RegisterAlu(engine, r.u8(), r.u8(), op(r), r.u8());
            case 19 -> new Instruction.RegisterLoad(engine, r.u8(), r.access());
            case 20 -> new Instruction.RegisterStore(engine, r.access(), r.u8());
            case 21 -> new Instruction.Branch(engine, r.u8(), op(r), r.i32(), r.i32());
            case 22 -> new Instruction.LoopBegin(engine, r.u8(), r.i32(), r.i32(), r.i32());
            case 23 -> new Instruction.LoopEnd(engine);
            case 24 -> new Instruction.EventSemaphore(engine);
            default -> throw new CodeReader.MalformedException("there is no instruction " + opcode);
        };
    }
}
