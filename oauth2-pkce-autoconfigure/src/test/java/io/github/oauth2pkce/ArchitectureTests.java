package io.github.oauth2pkce;

import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

import org.springframework.boot.autoconfigure.AutoConfiguration;

import static com.tngtech.archunit.lang.conditions.ArchConditions.haveModifier;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

@AnalyzeClasses(packagesOf = Provider.class, importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTests {

	private static final String ROOT = "io.github.oauth2pkce";

	@ArchTest
	static final ArchRule packagesHaveNoCycles = slices().matching(ROOT + ".(*)..").should().beFreeOfCycles();

	@ArchTest
	static final ArchRule nothingKnowsTheWiring = noClasses().that()
		.resideOutsideOfPackage(ROOT + ".autoconfigure..")
		.should()
		.dependOnClassesThat()
		.resideInAPackage(ROOT + ".autoconfigure..");

	@ArchTest
	static final ArchRule onlyWiringAndObservabilityKnowBootAndMicrometer = noClasses().that()
		.resideOutsideOfPackages(ROOT + ".autoconfigure..", ROOT + ".observability..")
		.should()
		.dependOnClassesThat()
		.resideInAnyPackage("org.springframework.boot..", "io.micrometer..");

	@ArchTest
	static final ArchRule autoConfigurationsArePublicAndFinal = classes().that()
		.areAnnotatedWith(AutoConfiguration.class)
		.should(haveModifier(JavaModifier.PUBLIC))
		.andShould(haveModifier(JavaModifier.FINAL))
		.allowEmptyShould(true);

	/** Who may know whom; the root's {@code package-info} says it in words. */
	@ArchTest
	static final ArchRule arrowsPointInward = layeredArchitecture().consideringOnlyDependenciesInLayers()
		.withOptionalLayers(true)
		.layer("root")
		.definedBy(ROOT)
		.layer("token")
		.definedBy(ROOT + ".token..")
		.layer("discovery")
		.definedBy(ROOT + ".discovery..")
		.layer("terminal")
		.definedBy(ROOT + ".terminal..")
		.layer("device")
		.definedBy(ROOT + ".device..")
		.layer("store")
		.definedBy(ROOT + ".store..")
		.layer("bearer")
		.definedBy(ROOT + ".bearer..")
		.layer("refresh")
		.definedBy(ROOT + ".refresh..")
		.layer("spring")
		.definedBy(ROOT + ".spring..")
		.layer("login")
		.definedBy(ROOT + ".login..")
		.layer("observability")
		.definedBy(ROOT + ".observability..")
		.layer("autoconfigure")
		.definedBy(ROOT + ".autoconfigure..")
		.whereLayer("root")
		.mayNotAccessAnyLayer()
		.whereLayer("token")
		.mayOnlyAccessLayers("root")
		.whereLayer("discovery")
		.mayOnlyAccessLayers("root", "token")
		.whereLayer("terminal")
		.mayOnlyAccessLayers("root")
		.whereLayer("device")
		.mayOnlyAccessLayers("root", "token", "discovery", "terminal")
		.whereLayer("store")
		.mayOnlyAccessLayers("root", "token")
		.whereLayer("bearer")
		.mayOnlyAccessLayers("root", "token")
		.whereLayer("refresh")
		.mayOnlyAccessLayers("root", "token", "discovery", "store", "bearer")
		.whereLayer("spring")
		.mayOnlyAccessLayers("root", "token", "store", "bearer", "refresh")
		.whereLayer("login")
		.mayOnlyAccessLayers("root", "token", "discovery", "terminal", "device", "store", "refresh")
		.whereLayer("observability")
		.mayOnlyAccessLayers("root", "token", "discovery", "device", "store", "bearer", "refresh", "login");

}
