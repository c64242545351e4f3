package io.github.oauth2pkce.store;

import java.time.Instant;

import org.junit.jupiter.api.Test;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/** MariaDB's own driver and script. */
class MariaDbJdbcTokenStoreIT extends JdbcTokenStoreTests {

	private static final Instant SUMMER_BEGINS = Instant.parse("2026-03-29T01:00:00Z");

	private static final Instant SUMMER_ENDS = Instant.parse("2026-10-25T01:00:00Z");

	MariaDbJdbcTokenStoreIT() {
		super(SharedStores.mariadb());
	}

	@Override
	String timeZoneOfIndia() {
		return "set time_zone = '+05:30'";
	}

	/** Half past two comes twice in that night. */
	@Test
	void clockOfLeasesGoesOnWhenSummerTimeEnds() {
		SingleConnectionDataSource session = new SingleConnectionDataSource(SharedStores.mariadb().url(), true);
		try {
			JdbcClient jdbc = JdbcClient.create(session);
			knowBerlin(jdbc);
			jdbc.sql("set time_zone = 'Test/Berlin'").update();
			String currentMillis = new ShortTransactions(session).currentMillis();
			for (int minutes = -90; minutes <= 90; minutes += 30) {
				Instant time = SUMMER_ENDS.plusSeconds(60L * minutes).plusMillis(250);
				jdbc.sql("set timestamp = " + time.getEpochSecond() + ".25").update();
				assertThat(jdbc.sql("select " + currentMillis).query(Long.class).single()).as("%s", time)
					.isEqualTo(time.toEpochMilli());
			}
		}
		finally {
			session.destroy();
		}
	}

	/** The server knows no zones by name until it is told. */
	private static void knowBerlin(JdbcClient jdbc) {
		jdbc.sql("replace into mysql.time_zone values (4711, 'N')").update();
		jdbc.sql("replace into mysql.time_zone_name values ('Test/Berlin', 4711)").update();
		jdbc.sql("replace into mysql.time_zone_transition_type values (4711, 0, 7200, 1, 'CEST'), "
				+ "(4711, 1, 3600, 0, 'CET')")
			.update();
		jdbc.sql("replace into mysql.time_zone_transition values (4711, -2147483648, 1), (4711, ?, 0), (4711, ?, 1)")
			.param(SUMMER_BEGINS.getEpochSecond())
			.param(SUMMER_ENDS.getEpochSecond())
			.update();
	}

}
