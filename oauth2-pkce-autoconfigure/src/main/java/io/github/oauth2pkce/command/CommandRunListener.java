package io.github.oauth2pkce.command;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.configuration.InvalidPropertyException;

import org.springframework.aot.AotDetector;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.DefaultApplicationArguments;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringApplicationRunListener;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.bootstrap.ConfigurableBootstrapContext;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.SpringProperties;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.SimpleCommandLinePropertySource;
import org.springframework.core.env.StandardEnvironment;

/**
 * Runs a command instead of the application: with the application's beans and settings,
 * but without a web server, runners, and whatever else would start by itself. Beans are
 * made when the command needs them: those of a web application may need a server.
 */
final class CommandRunListener implements SpringApplicationRunListener, Ordered {

	private static final Map<String, Object> SETTINGS = Map.of("spring.main.web-application-type", "none",
			"spring.main.banner-mode", "off", "spring.main.log-startup-info", "false",
			"spring.devtools.livereload.enabled", "false");

	private static final String THRESHOLD = "logging.threshold.console";

	private final DefaultApplicationArguments arguments;

	private @Nullable CommandLine line;

	private @Nullable CommandStreams streams;

	private @Nullable CommandLifecycle lifecycle;

	CommandRunListener(SpringApplication application, String[] arguments) {
		this.arguments = new DefaultApplicationArguments(arguments);
		if (isCommand(this.arguments, arguments)) {
			// The environment of a child context is made for this type, and kept whatever
			// is set later.
			application.setWebApplicationType(WebApplicationType.NONE);
		}
	}

	/** A variable that is there and empty is none. */
	private static boolean isCommand(DefaultApplicationArguments options, String[] arguments) {
		StandardEnvironment environment = new StandardEnvironment();
		environment.getPropertySources().addFirst(new SimpleCommandLinePropertySource(arguments));
		ConfigurationPropertySources.attach(environment);
		return !CommandLine.typed(environment).isEmpty() || options.containsOption(CommandLine.PROPERTY);
	}

	/**
	 * Before the log is set up, and before somebody hears that the application starts.
	 */
	@Override
	public int getOrder() {
		return HIGHEST_PRECEDENCE;
	}

	@Override
	public void environmentPrepared(ConfigurableBootstrapContext bootstrap, ConfigurableEnvironment environment) {
		try {
			this.line = CommandLine.of(environment, this.arguments);
		}
		catch (MisuseException ex) {
			Report report = new Report();
			report.problem(String.valueOf(ex.getMessage()));
			report.exitCode(Report.MISUSED);
			CommandStreams.take(CommandLine.isForScripts(environment)).print(CommandLine.typed(environment), report);
			System.exit(Report.MISUSED);
		}
		if (this.line != null) {
			// Generated code has no beans for commands, and makes all others at once.
			SpringProperties.setProperty(AotDetector.AOT_ENABLED, "false");
			this.streams = CommandStreams.take(this.line.json());
			Map<String, Object> settings = new HashMap<>(SETTINGS);
			if (!environment.containsProperty(THRESHOLD)) {
				settings.put(THRESHOLD, "error");
			}
			environment.getPropertySources().addFirst(new MapPropertySource("oauth2PkceCommand", settings));
		}
	}

	@Override
	public void contextPrepared(ConfigurableApplicationContext context) {
		String property = context.getEnvironment().getProperty(CommandLine.PROPERTY, "");
		if (this.line == null && !property.isBlank()) {
			throw new InvalidPropertyException(CommandLine.PROPERTY, property,
					"is in a configuration file, where it comes too late",
					"Remove it there, and add --" + CommandLine.PROPERTY + "=" + property + " to the command line.");
		}
		if (this.streams != null) {
			ConfigurableListableBeanFactory beans = context.getBeanFactory();
			this.lifecycle = new CommandLifecycle(beans);
			beans.registerSingleton("lifecycleProcessor", this.lifecycle);
			beans.registerSingleton("oauth2PkceCommandStreams", this.streams);
			context.addBeanFactoryPostProcessor(CommandRunListener::makeLazy);
		}
	}

	private static void makeLazy(ConfigurableListableBeanFactory beans) {
		for (String name : beans.getBeanDefinitionNames()) {
			beans.getBeanDefinition(name).setLazyInit(true);
		}
	}

	@Override
	public void started(ConfigurableApplicationContext context, @Nullable Duration timeTaken) {
		if (this.line == null || this.lifecycle == null) {
			return;
		}
		Commands commands = context.getBeanProvider(Commands.class).getIfAvailable();
		if (commands == null) {
			if (AotDetector.useGeneratedArtifacts()) {
				throw new InvalidPropertyException(CommandLine.PROPERTY, this.line.command(),
						"needs beans that a native image does not have", "Run the command on a JVM, from the jar.");
			}
			if (context.getEnvironment().getProperty("oauth2.pkce.enabled", Boolean.class, true)) {
				// The parent of the context that has them, such as Spring Cloud's.
				removeRunners(context.getBeanFactory());
				return;
			}
			throw new InvalidPropertyException("oauth2.pkce.enabled", "false", "switches the commands off as well",
					"Remove it, or the command.");
		}
		this.lifecycle.onRefresh();
		int exitCode;
		try {
			exitCode = commands.run(this.line);
		}
		finally {
			context.close();
		}
		System.exit(exitCode);
	}

	/** Boot runs those of each context when it has started. */
	private static void removeRunners(ConfigurableListableBeanFactory beans) {
		for (Class<?> type : List.of(ApplicationRunner.class, CommandLineRunner.class)) {
			for (String name : beans.getBeanNamesForType(type)) {
				if (beans instanceof BeanDefinitionRegistry definitions && definitions.containsBeanDefinition(name)) {
					definitions.removeBeanDefinition(name);
				}
			}
		}
	}

	@Override
	public void failed(@Nullable ConfigurableApplicationContext context, Throwable exception) {
		if (this.line != null && this.streams != null) {
			Report report = new Report();
			report.problem("The command " + this.line.command() + " was not run, because the application did not start"
					+ " for it (without a web server). The reason follows, or is in the log");
			this.streams.print(this.line.command(), report);
		}
	}

}
