package io.github.oauth2pkce.autoconfigure;

import java.time.Clock;

import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.command.Command;
import io.github.oauth2pkce.command.CommandStreams;
import io.github.oauth2pkce.command.Commands;
import io.github.oauth2pkce.command.DoctorCommand;
import io.github.oauth2pkce.command.ExportCommand;
import io.github.oauth2pkce.command.ImportCommand;
import io.github.oauth2pkce.command.LoginCommand;
import io.github.oauth2pkce.command.LogoutCommand;
import io.github.oauth2pkce.command.Passphrases;
import io.github.oauth2pkce.command.ProviderLines;
import io.github.oauth2pkce.command.RefreshCommand;
import io.github.oauth2pkce.command.ServerCheckup;
import io.github.oauth2pkce.command.StatusCommand;
import io.github.oauth2pkce.configuration.ConfiguredProviders;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.login.LoginTransfers;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.login.Logout;
import io.github.oauth2pkce.observability.ProviderReports;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshSettings;
import io.github.oauth2pkce.registration.ClientIdentities;
import io.github.oauth2pkce.runtime.Shutdown;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.token.AuthorizationServerClient;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.DependsOn;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.ConfigurableEnvironment;

/** Commands that run instead of the application: only where one was typed. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnBean(CommandStreams.class)
@Lazy
class CommandsConfiguration {

	/** With {@link Shutdown}, which saves what a store could not take at first. */
	@Bean
	@DependsOn("oauth2PkceShutdown")
	Commands oauth2PkceCommands(Providers providers, ObjectProvider<Command> commands, CommandStreams streams) {
		return new Commands(providers, commands.orderedStream().toList(), streams);
	}

	@Bean
	ProviderLines oauth2PkceProviderLines(Providers providers, Credentials credentials, ProviderReports reports) {
		return new ProviderLines(providers, credentials, reports);
	}

	@Bean
	StatusCommand oauth2PkceStatusCommand(ProviderLines lines) {
		return new StatusCommand(lines);
	}

	@Bean
	LoginCommand oauth2PkceLoginCommand(Logins logins, Credentials credentials, TokenStore store, ProviderLines lines) {
		return new LoginCommand(logins, credentials, store, lines);
	}

	@Bean
	LogoutCommand oauth2PkceLogoutCommand(Logout logout, Credentials credentials, ProviderLines lines) {
		return new LogoutCommand(logout, credentials, lines);
	}

	@Bean
	RefreshCommand oauth2PkceRefreshCommand(Credentials credentials, ProviderLines lines) {
		return new RefreshCommand(credentials, lines);
	}

	@Bean
	DoctorCommand oauth2PkceDoctorCommand(TokenStore store, AuthorizationServerClient client, Discovery discovery,
			ConfiguredProviders configured, Credentials credentials, ProviderReports reports, ProviderLines lines) {
		return new DoctorCommand(store, new ServerCheckup(client, discovery, Clock.systemUTC()), configured.policies(),
				credentials, reports, lines);
	}

	@Bean
	LoginTransfers oauth2PkceLoginTransfers(TokenStore store, Credentials credentials, ClientIdentities identities,
			RefreshSettings settings) {
		return new LoginTransfers(store, credentials, identities, Clock.systemUTC(), settings.lockTimeout());
	}

	@Bean
	ExportCommand oauth2PkceExportCommand(LoginTransfers transfers, ConfigurableEnvironment environment,
			ProviderLines lines) {
		return new ExportCommand(transfers, new Passphrases(environment), lines);
	}

	@Bean
	ImportCommand oauth2PkceImportCommand(LoginTransfers transfers, ConfigurableEnvironment environment,
			TokenStore store, ProviderLines lines) {
		return new ImportCommand(transfers, new Passphrases(environment), store, lines);
	}

}
