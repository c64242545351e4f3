package io.github.oauth2pkce.testing;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

@AnalyzeClasses(packagesOf = FakeAuthorizationServer.class, importOptions = ImportOption.DoNotIncludeTests.class)
class ServerArchitectureTests {

	@ArchTest
	static final ArchRule serverNeedsTheJdkAndJacksonOnly = classes().that()
		.resideInAPackage("io.github.oauth2pkce.testing")
		.should()
		.onlyDependOnClassesThat()
		.resideInAnyPackage("io.github.oauth2pkce.testing", "java..", "javax.crypto..", "com.sun.net.httpserver..",
				"tools.jackson..", "org.jspecify.annotations..");

}
