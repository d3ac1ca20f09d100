package dev.systole.testdata;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The arrows between modules, as docs/architecture.md draws them. */
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.systole");

    @Test
    void modulesKnowOnlyWhatTheArrowsAllow() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("ir")
                .definedBy("dev.systole.ir..")
                .layer("frontend")
                .definedBy("dev.systole.frontend..")
                .layer("passes")
                .definedBy("dev.systole.passes..")
                .layer("isa")
                .definedBy("dev.systole.trainium.isa..")
                .layer("compiler")
                .definedBy("dev.systole.trainium", "dev.systole.trainium.codegen..")
                .layer("emulator")
                .definedBy("dev.systole.emulator..")
                .layer("cli")
                .definedBy("dev.systole.cli..")
                .whereLayer("ir")
                .mayNotAccessAnyLayer()
                .whereLayer("frontend")
                .mayOnlyAccessLayers("ir")
                .whereLayer("passes")
                .mayOnlyAccessLayers("ir")
                .whereLayer("isa")
                .mayOnlyAccessLayers("ir")
                .whereLayer("compiler")
                .mayOnlyAccessLayers("ir", "passes", "isa")
                .whereLayer("emulator")
                .mayOnlyAccessLayers("ir", "isa")
                .whereLayer("cli")
                .mayNotBeAccessedByAnyLayer()
                .check(CLASSES);
    }

    @Test
    void theEmulatorDoesNotKnowGraphsOrTiles() {
        noClasses()
                .that()
                .resideInAPackage("dev.systole.emulator..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.systole.ir.tile..")
                .check(CLASSES);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("dev.systole.(*).(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void nothingUsesReflection() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.lang.reflect..")
                .check(CLASSES);
    }

    @Test
    void everyPackageSaysWhatLivesThere() throws IOException {
        try (var files = Files.walk(Goldens.ROOT.getParent())) {
            var packages = files.filter(
                            f -> f.toString().endsWith(".java") && f.toString().contains("/src/"))
                    .map(Path::getParent)
                    .distinct()
                    .filter(d -> d.toString().contains("/src/main/"))
                    .toList();
            assertThat(packages)
                    .isNotEmpty()
                    .allSatisfy(p -> assertThat(p.resolve("package-info.java")).exists());
        }
    }
}
