package io.github.oauth2pkce;

import java.util.LinkedHashMap;
import java.util.Map;

import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures.LayeredArchitecture;

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
	static final ArchRule innerRoomsKnowNeitherBootNorMicrometer = noClasses().that()
		.resideOutsideOfPackages(ROOT + ".autoconfigure..", ROOT + ".runtime..", ROOT + ".configuration..",
				ROOT + ".observability..", ROOT + ".command..")
		.should()
		.dependOnClassesThat()
		.resideInAnyPackage("org.springframework.boot..", "io.micrometer..");

	/** The grants, the flight and the stores are ours alone. */
	@ArchTest
	static final ArchRule springSecurityIsMetInOneRoom = noClasses().that()
		.resideOutsideOfPackages(ROOT + ".spring..", ROOT + ".bearer..", ROOT + ".configuration..",
				ROOT + ".autoconfigure..")
		.should()
		.dependOnClassesThat()
		.resideInAPackage("org.springframework.security.oauth2.client..");

	/** Each of them may be missing. */
	@ArchTest
	static final ArchRule clientsDoNotKnowOneAnother = slices().matching(ROOT + ".bearer.(*)..")
		.should()
		.notDependOnEachOther();

	@ArchTest
	static final ArchRule bearersKnowNoClientThatMayBeMissing = noClasses().that()
		.resideInAPackage(ROOT + ".bearer")
		.should()
		.dependOnClassesThat()
		.resideInAPackage(ROOT + ".bearer.*..");

	@ArchTest
	static final ArchRule autoConfigurationsArePublicAndFinal = classes().that()
		.areAnnotatedWith(AutoConfiguration.class)
		.should(haveModifier(JavaModifier.PUBLIC))
		.andShould(haveModifier(JavaModifier.FINAL))
		.allowEmptyShould(true);

	/**
	 * Every room, and the rooms that it may use. A package that is not named here fails
	 * the build. The root's {@code package-info} says what each room is for.
	 */
	private static final Map<String, String> ROOMS = rooms("""
			target        :
			terminal      :
			token         :
			source        : token
			discovery     : token
			authentication: token discovery source
			store         : token
			registration  : token discovery authentication store
			bearer        : target token discovery
			mcp           : token bearer
			device        : terminal token source discovery store registration
			code          : terminal token discovery registration
			refresh       : token discovery store registration bearer source
			login         : terminal token source discovery store registration bearer device code refresh
			spring        : token discovery store bearer code refresh source
			observability : token discovery store bearer device refresh login
			configuration : target discovery authentication
			runtime       : target terminal token source discovery authentication store registration bearer device \
			                refresh login observability configuration
			command       : target terminal token discovery store device code refresh login observability \
			                configuration
			autoconfigure : target terminal token source discovery authentication store registration bearer \
			                device code refresh login spring mcp observability configuration runtime command
			""");

	@ArchTest
	static final ArchRule arrowsPointInward = arrowsPointInward();

	private static Map<String, String> rooms(String table) {
		Map<String, String> rooms = new LinkedHashMap<>();
		table.lines().map((line) -> line.split(":", 2)).forEach((room) -> rooms.put(room[0].strip(), room[1].strip()));
		return rooms;
	}

	private static ArchRule arrowsPointInward() {
		LayeredArchitecture house = layeredArchitecture().consideringOnlyDependenciesInLayers()
			.ensureAllClassesAreContainedInArchitecture()
			.layer("root")
			.definedBy(ROOT)
			.whereLayer("root")
			.mayNotAccessAnyLayer();
		for (String room : ROOMS.keySet()) {
			house = house.layer(room).definedBy(ROOT + "." + room + "..");
		}
		for (Map.Entry<String, String> room : ROOMS.entrySet()) {
			house = house.whereLayer(room.getKey())
				.mayOnlyAccessLayers(("root " + room.getValue()).strip().split(" +"));
		}
		return house;
	}

}
