package io.github.oauth2pkce.runtime;

import io.github.oauth2pkce.terminal.Palette;

import org.springframework.boot.ansi.AnsiBackground;
import org.springframework.boot.ansi.AnsiColor;
import org.springframework.boot.ansi.AnsiOutput;
import org.springframework.boot.ansi.AnsiStyle;

/** Boot's colours, which obey {@code spring.output.ansi.enabled}. */
public final class AnsiPalette implements Palette {

	@Override
	public String paint(Tone tone, String text) {
		return switch (tone) {
			case STRONG -> AnsiOutput.toString(AnsiStyle.BOLD, text);
			case GOOD -> AnsiOutput.toString(AnsiColor.GREEN, text);
			case BAD -> AnsiOutput.toString(AnsiColor.RED, text);
			case PAPER ->
				AnsiOutput.toString(AnsiColor.BLACK, AnsiBackground.BRIGHT_WHITE, text, AnsiBackground.DEFAULT);
		};
	}

}
